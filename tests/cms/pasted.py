"""Clipboard content of Word, Google Docs and a Markdown editor."""

WORD = r"""<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"
xmlns:w="urn:schemas-microsoft-com:office:word">
<head><meta name=Generator content="Microsoft Word 15">
<!--[if gte mso 9]><xml><o:OfficeDocumentSettings><o:AllowPNG/></o:OfficeDocumentSettings></xml><![endif]-->
<style><!-- p.MsoNormal {margin:0cm; font-family:"Calibri",sans-serif;} @list l0:level1 {mso-level-number-format:bullet;}
--></style>
</head>
<body lang=EN-GB style='tab-interval:36.0pt'>
<!--StartFragment-->
<h1 style='mso-list:none' onclick="alert(1)"><span lang=EN-US>Sprints<o:p></o:p></span></h1>
<p class=MsoNormal><span lang=EN-US>Come <b style='mso-bidi-font-weight:normal'>early</b> and read <a
href="https://example.org/plan"><span style='color:blue'>the plan</span></a>.<o:p></o:p></span></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp;
</span></span></span><![endif]>Bring a laptop<o:p></o:p></p>
<p class=MsoListParagraphCxSpMiddle style='margin-left:72.0pt;mso-list:l0 level2 lfo1'><![if !supportLists]><span
style='font-family:"Courier New"'><span style='mso-list:Ignore'>o<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;
</span></span></span><![endif]>and its charger<o:p></o:p></p>
<p class=MsoListParagraphCxSpLast style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp;
</span></span></span><![endif]>Bring a friend<o:p></o:p></p>
<h2>Rooms<o:p></o:p></h2>
<table class=MsoTableGrid border=1 cellspacing=0 style='border-collapse:collapse;mso-yfti-tbllook:1184'>
 <tr style='mso-yfti-irow:0;mso-yfti-firstrow:yes'>
  <td width=301 valign=top style='width:225.4pt'><p class=MsoNormal><b>Room<o:p></o:p></b></p></td>
  <td width=301 valign=top><p class=MsoNormal><b>Seats<o:p></o:p></b></p></td></tr>
 <tr style='mso-yfti-irow:1'><td onclick="alert(2)"><p class=MsoNormal>Aula<o:p></o:p></p></td>
  <td><p class=MsoNormal>120<o:p></o:p></p></td></tr>
 <tr style='mso-yfti-irow:2'><td><p class=MsoNormal>Lab<o:p></o:p></p></td><td><p class=MsoNormal>24<o:p></o:p></p></td></tr>
</table>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoListParagraphCxSpFirst style='mso-list:l1 level1 lfo2'><![if !supportLists]><span
style='mso-list:Ignore'>1.<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span><![endif]>Sign in<o:p></o:p></p>
<p class=MsoListParagraphCxSpLast style='mso-list:l1 level1 lfo2'><![if !supportLists]><span
style='mso-list:Ignore'>2.<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span><![endif]>Sit down<o:p></o:p></p>
<p class=MsoNormal><a href="javascript:alert(3)">A trap</a><img width=4 height=4 src="file:///C:/Temp/image001.png"
onerror="alert(4)"><script>alert(5)</script></p>
<!--EndFragment-->
</body></html>"""

DOCS = """<meta charset='utf-8'><meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-1f0c7a5e-7fff"><h1
dir="ltr" style="line-height:1.38;margin-top:20pt;"><span style="font-size:20pt;font-weight:400;">Minutes</span></h1><p dir="ltr"
style="line-height:1.38;"><span style="font-size:11pt;font-weight:400;">The vote was </span><span
style="font-size:11pt;font-weight:700;">unanimous</span><span style="font-weight:400;">; see </span><a
href="https://example.org/minutes" style="text-decoration:none;"><span style="color:#1155cc;font-weight:400;">all
minutes</span></a><span style="font-weight:400;font-style:italic;"> sine die</span></p><ul style="margin-top:0;"><li dir="ltr"
aria-level="1" style="list-style-type:disc;"><p dir="ltr" role="presentation"><span
style="font-weight:400;">Budget</span></p></li><ul><li dir="ltr" aria-level="2"><p dir="ltr" role="presentation"><span
style="font-weight:400;">Travel</span></p></li></ul><li dir="ltr" aria-level="1"><p dir="ltr" role="presentation"><span
style="font-weight:400;">Grants</span></p></li></ul><div dir="ltr" style="margin-left:0pt;" align="left"><table
style="border:none;border-collapse:collapse;"><colgroup><col /><col /></colgroup><tbody><tr style="height:0pt"><td><p
dir="ltr"><span style="font-weight:400;">Ayes</span></p></td><td><p dir="ltr"><span
style="font-weight:400;">7</span></p></td></tr><tr><td onclick="alert(1)"><p dir="ltr"><span>Noes</span></p></td><td><p
dir="ltr"><span>0</span></p></td></tr></tbody></table></div><script>alert(2)</script></b><br class="Apple-interchange-newline">"""

MARKDOWN = """# Install

Read [the guide](https://example.org/guide) first.

- one
- two

| System | Command |
| --- | --- |
| Linux | `apt install python3` |
| Others | [a page](https://example.org/others) |

<script>alert(1)</script>

[a trap](javascript:alert(2)) and **bold**

```python
import this
```

> Readability counts.
"""
