"""Estimate the monthly cost of the site on AWS: `python deploy/cost.py`.

Prices are 2025 list prices for us-east-1 in US dollars, entered from memory and not verified. Look up the current prices before
you base a decision on them, and record the date.
"""

from typing import NamedTuple

AS_OF = "2025, from memory"
HOURS = 730


class Line(NamedTuple):
    what: str
    dollars: float


PRICES = {
    "fargate processor hour": 0.04048,
    "fargate gigabyte hour": 0.004445,
    "balancer hour": 0.0225,
    "nat gateway hour": 0.045,
    "endpoint hour": 0.01,
    "db.t4g.medium hour, two zones": 0.129,
    "database gigabyte, two zones": 0.23,
    "cache.t4g.micro hour": 0.016,
    "firewall": 5.0,
    "firewall rule": 1.0,
    "key": 1.0,
    "zone of names": 0.5,
    "repository gigabyte": 0.1,
    "log gigabyte": 0.5,
    "alarm": 0.1,
    "dashboard": 3.0,
    "transfer gigabyte": 0.09,
    "stored secret": 0.4,
}

# The estimate in the requirements, for two tasks with a quarter vCPU and 512 MB. "Less than one" counts as one.
SEED = [
    Line("Fargate, 2 × 0.25 processors × 512 MB × 730 h", 15),
    Line("Balancer", 16),
    Line("Repository, below 1 GB", 1),
    Line("Zone of names", 0.5),
    Line("Two secrets", 1),
    Line("Transfer, below 10 GB", 1),
]
LEFT_OUT = ("NAT gateway", "endpoints", "database", "cache", "firewall", "logs")


def fargate(tasks: float, processors: float, gigabytes: float) -> float:
    return tasks * HOURS * (processors * PRICES["fargate processor hour"] + gigabytes * PRICES["fargate gigabyte hour"])


def ours() -> list[Line]:
    """Return the cost of the production environment of deploy/terraform with its minimum number of tasks."""
    price = PRICES
    return [
        Line("Fargate, web: 2 × 0.5 processors, 1 GB", fargate(2, 0.5, 1)),
        Line("Fargate, worker, scheduler: 2 × 0.25 processors, 0.5 GB", fargate(2, 0.25, 0.5)),
        Line("Balancer", HOURS * price["balancer hour"]),
        Line("NAT gateway", HOURS * price["nat gateway hour"]),
        Line("4 endpoints in 2 zones", 8 * HOURS * price["endpoint hour"]),
        Line("Database, db.t4g.medium in two zones", HOURS * price["db.t4g.medium hour, two zones"]),
        Line("Database, 50 GB", 50 * price["database gigabyte, two zones"]),
        Line("Cache, 2 × cache.t4g.micro", 2 * HOURS * price["cache.t4g.micro hour"]),
        Line("Firewall with 3 rules", price["firewall"] + 3 * price["firewall rule"]),
        Line("Key, zone of names", price["key"] + price["zone of names"]),
        Line("Logs, 10 GB; 7 alarms; dashboard", 10 * price["log gigabyte"] + 7 * price["alarm"] + price["dashboard"]),
        Line("Repository, 10 GB; transfer, 50 GB", 10 * price["repository gigabyte"] + 50 * price["transfer gigabyte"]),
    ]


def total(lines: list[Line]) -> float:
    return sum(line.dollars for line in lines)


def as_text() -> str:
    parts = []
    for heading, lines in (("The estimate in the requirements", SEED), (f"Ours, at prices of {AS_OF}", ours())):
        parts += [heading, *(f"{line.dollars:9.2f}  {line.what}" for line in lines), f"{total(lines):9.2f}  a month", ""]
    parts.append(
        f"The first leaves out: {', '.join(LEFT_OUT)}. Its Fargate alone is {fargate(2, 0.25, 0.5):.2f} with the memory."
    )
    return "\n".join(parts)


if __name__ == "__main__":
    print(as_text())
