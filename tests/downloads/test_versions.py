import pytest
from django.core.exceptions import ValidationError

from downloads.artifacts import Architecture, Kind, architecture_of, classify, kind_of, parse_patterns
from downloads.compatibility import note_for
from downloads.versions import Stage, Version, is_install_manager, parse_name
from tests.factories.downloads import ReleaseFileFactory


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("Python 3.14.0", Version(3, 14, 0)),
        ("Python 3.10.19", Version(3, 10, 19)),
        ("Python 3.15.0a1", Version(3, 15, 0, Stage.ALPHA, 1)),
        ("Python 3.15.0b12", Version(3, 15, 0, Stage.BETA, 12)),
        ("Python 3.9.0rc2", Version(3, 9, 0, Stage.CANDIDATE, 2)),
        ("Python 2.5", Version(2, 5)),
        ("Python install manager 25.2", Version(25, 2)),
        ("Python install manager 25.0 beta 9", Version(25, 0, 0, Stage.BETA, 9)),
    ],
)
def test_a_name_tells_the_version(name, version):
    assert parse_name(name) == version


@pytest.mark.parametrize(
    "name",
    [
        "spam",
        "",
        "Python",
        "Python2.7.5",
        "Python  2.7.5",
        "Python\t2.7.5",
        "Python 2.7.5 ",
        "Python 3",
        "Python 3.14.0c1",
        "Python 3.14.40000",
    ],
)
def test_names_of_another_form_have_no_version(name):
    assert parse_name(name) is None


def test_versions_sort_by_number_and_stage():
    names = ["Python 3.8.20", "Python 3.10.0a1", "Python 3.10.0b1", "Python 3.10.0rc1", "Python 3.10.0", "Python 3.10.19"]
    assert sorted(names, key=parse_name) == names


def test_the_notes_of_a_final_release_are_its_changelog():
    assert parse_name("Python 3.14.2").notes_url == "https://docs.python.org/release/3.14.2/whatsnew/changelog.html"


def test_the_notes_of_a_pre_release_are_what_is_new_in_its_series():
    assert parse_name("Python 3.15.0a2").notes_url == "https://docs.python.org/3.15/whatsnew/3.15.html"


def test_a_version_is_written_as_pep_440_writes_it():
    assert [str(parse_name(f"Python {text}")) for text in ("3.14.0", "3.14.0rc2", "2.5")] == ["3.14.0", "3.14.0rc2", "2.5.0"]


def test_the_install_manager_is_known_by_its_name():
    assert is_install_manager("Python install manager 25.2")
    assert not is_install_manager("Python 3.14.0")


@pytest.mark.parametrize(
    ("filename", "kind", "architecture"),
    [
        ("python-3.13.3-amd64.exe", Kind.INSTALLER, Architecture.X86_64),
        ("python-3.13.3.exe", Kind.INSTALLER, Architecture.X86),
        ("python-3.13.3-arm64.exe", Kind.INSTALLER, Architecture.ARM64),
        ("python-3.13.3-embed-amd64.zip", Kind.EMBEDDABLE, Architecture.X86_64),
        ("python-3.13.3-macos11.pkg", Kind.INSTALLER, Architecture.UNIVERSAL2),
        ("Python-3.13.3.tgz", Kind.SOURCE, Architecture.ANY),
        ("Python-3.13.3.tar.xz", Kind.SOURCE, Architecture.ANY),
        ("python-3.7.0-webinstall.exe", Kind.WEB_INSTALLER, Architecture.X86),
        ("python379.chm", Kind.DOCUMENTATION, Architecture.ANY),
        ("python-manager-25.2.msix", Kind.INSTALLER, Architecture.ANY),
        ("python-3.14.0-aarch64-linux-android.tar.gz", Kind.EMBEDDABLE, Architecture.ARM64),
        ("python-3.14.0t-amd64.zip", Kind.PACKAGE, Architecture.X86_64),
        ("python-3.14.0-arm64.zip", Kind.PACKAGE, Architecture.ARM64),
        ("python-3.15.0b2t-win32.zip", Kind.PACKAGE, Architecture.X86),
        ("python-3.14.0-wasi_sdk-24.zip", Kind.PACKAGE, Architecture.WASM32),
        ("python-3.14.0-wasm32-emscripten.tar.gz", Kind.PACKAGE, Architecture.WASM32),
        ("python-3.14.0-iOS-XCframework.tar.gz", Kind.FRAMEWORK, Architecture.ANY),
        ("python-3.14.0-x86_64-linux-android.tar.gz", Kind.EMBEDDABLE, Architecture.X86_64),
    ],
)
def test_an_address_tells_what_the_file_is(filename, kind, architecture):
    url = f"https://www.python.org/ftp/python/x/{filename}"
    assert (kind_of(url), architecture_of(url)) == (kind, architecture)


@pytest.mark.parametrize(
    ("version", "note"),
    [
        ((3, 14), "Cannot be used on Windows 7 or earlier."),
        ((3, 9), "Cannot be used on Windows 7 or earlier."),
        ((3, 8), "Cannot be used on Windows XP or earlier."),
        ((3, 5), "Cannot be used on Windows XP or earlier."),
        ((3, 4), ""),
        ((2, 7), ""),
    ],
)
def test_old_windows_cannot_run_new_releases(version, note):
    assert note_for("windows", version) == note


def test_from_3_14_on_the_note_is_the_install_manager_where_there_is_one():
    assert note_for("windows", (3, 14), has_manager=True) == "Use the Python install manager."
    assert note_for("windows", (3, 13), has_manager=True) == "Cannot be used on Windows 7 or earlier."


def test_other_platforms_have_no_such_note():
    assert note_for("macos", (3, 14)) == ""


def test_patterns_of_an_operating_system_come_first():
    patterns = "*-tvos-*.tar.gz = framework arm64\n\nPython-*.tar.XZ = other\n"
    assert classify("https://x/python-3.16.0-tvOS-a.tar.gz", patterns) == (Kind.FRAMEWORK, Architecture.ARM64)
    assert classify("https://x/Python-3.16.0.tar.xz", patterns) == (Kind.OTHER, Architecture.ANY)
    assert classify("https://x/Python-3.16.0.tgz", patterns) == (Kind.SOURCE, Architecture.ANY)


@pytest.mark.parametrize("line", ["*.zip", "*.zip = nonsense", "*.zip = package arm64 x86", "= package", "*.zip = package vax"])
def test_a_line_that_is_no_pattern_is_refused(line):
    with pytest.raises(ValidationError, match="is not a pattern"):
        parse_patterns(line)


@pytest.mark.django_db
def test_new_patterns_apply_to_the_files_of_the_operating_system():
    file = ReleaseFileFactory(url="https://www.python.org/ftp/python/3.16.0/python-3.16.0-tvos.bin")
    assert file.kind == Kind.OTHER
    file.os.file_patterns = "*-tvos.bin = package arm64"
    file.os.clean()
    file.os.save()
    file.refresh_from_db()
    assert (file.kind, file.architecture) == (Kind.PACKAGE, Architecture.ARM64)
