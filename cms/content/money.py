"""Amounts of money in the style of the site: US$150,000."""

CURRENCY_SIGNS = {"EUR": "€", "GBP": "£", "USD": "US$"}


def format_money(amount: float, currency: str) -> str:
    """Return a whole amount with its currency, such as "US$150,000" or "CAD 150,000"."""
    sign = CURRENCY_SIGNS.get(currency)
    return f"{sign}{amount:,.0f}" if sign else f"{currency} {amount:,.0f}".strip()
