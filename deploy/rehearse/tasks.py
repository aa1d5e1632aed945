"""How soon tasks are done, and that two workers never do one twice."""

# proves P1: S2-40 S2-47

import time

from .servers import MailServer
from .stage import Row, Stage, until

MAILS, RATE = 150, 10


def mails(stage: Stage, port: int, send, start_worker) -> Row:
    """`send()` sends one mail and gives its row; `start_worker(name)` starts another worker beside the one that runs."""
    from cms.models import SentMail

    server = MailServer(port)
    start_worker("worker-2")
    started = time.monotonic()
    sent = []
    for number in range(MAILS):
        time.sleep(max(0, started + number / RATE - time.monotonic()))
        sent.append(send().pk)
    rows = SentMail.objects.filter(pk__in=sent)
    until(lambda: not rows.exclude(status="sent").exists(), "All mails are sent")
    took = time.monotonic() - started
    stage.stop("worker-2")
    server.shutdown()
    server.server_close()
    waited = sorted((row.sent_at - row.created_at).total_seconds() for row in rows)
    at = {share: waited[int(len(waited) * share / 100)] for share in (50, 95, 99)}
    twice = server.taken - MAILS + sum(row.attempts - 1 for row in rows)
    told = f"{RATE} a second, two workers: " + ", ".join(f"p{share} {seconds:.2f} s" for share, seconds in at.items())
    return Row("tasks", MAILS, abs(twice), took, f"{told}; {server.taken} mails arrived")
