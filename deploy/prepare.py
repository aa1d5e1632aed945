"""Prepare an installation before its first start and before each new version. Idempotent.

    python deploy/prepare.py           # wait for the database, migrate, create the buckets and the first account
    python deploy/prepare.py --demo    # also fill an empty site with demo content

The buckets are created only if AWS_S3_ENDPOINT_URL names an object store of this installation. The first account is created
from ADMIN_USERNAME (default: admin), ADMIN_EMAIL and ADMIN_PASSWORD, unless there is a superuser already.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Seconds to wait for the database and the object store.
PATIENCE = 120


def wait_for(what: str, check) -> None:
    """Call `check` until it raises no exception. Raises SystemExit with the last error."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            check()
        except Exception as error:  # noqa: BLE001 -- drivers raise many types while a server starts.
            if time.monotonic() > until:
                sys.exit(f"The {what} did not answer within {PATIENCE} seconds: {error}")
            time.sleep(1)
        else:
            return


def prepare_buckets() -> None:
    """Create the buckets in this installation's object store, with public media files and CORS rules for uploads."""
    import boto3
    from django.conf import settings

    endpoint, name = os.environ.get("AWS_S3_ENDPOINT_URL", ""), settings.AWS_STORAGE_BUCKET_NAME
    if not endpoint or not name:
        return
    client = boto3.client("s3", endpoint_url=endpoint, region_name=os.environ.get("AWS_REGION", "us-east-1"))
    wait_for("store", client.list_buckets)
    there = {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}
    private = settings.STORAGES["private"]["OPTIONS"]["bucket_name"]
    for bucket in sorted({name, private} - there):
        client.create_bucket(Bucket=bucket)
        print(f"Made the bucket {bucket}.")
    resource = f"arn:aws:s3:::{name}/media/*"
    statement = {"Sid": "PublicMedia", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": resource}
    client.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    rule = {"AllowedMethods": ["PUT"], "AllowedOrigins": [settings.BASE_URL], "AllowedHeaders": ["*"], "MaxAgeSeconds": 3600}
    client.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [rule]})


def make_first_account() -> None:
    from allauth.account.models import EmailAddress
    from django.contrib.auth import get_user_model

    users, password = get_user_model().objects, os.environ.get("ADMIN_PASSWORD", "")
    if not password or users.filter(is_superuser=True).exists():
        return
    name, email = os.environ.get("ADMIN_USERNAME", "admin"), os.environ.get("ADMIN_EMAIL", "admin@example.org")
    user = users.create_superuser(name, email, password)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    print(f"Made the account {name}.")


def main() -> None:
    parser = argparse.ArgumentParser(description="Prepare an installation.")
    parser.add_argument("--demo", action="store_true", help="fill an empty site with demo content")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pydotorg.settings.production")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    wait_for("database", connection.ensure_connection)
    started = time.monotonic()
    call_command("migrate", verbosity=0)
    print(f"Migrated in {time.monotonic() - started:.0f} s.", flush=True)
    prepare_buckets()
    make_first_account()
    if arguments.demo:
        call_command("demo")


if __name__ == "__main__":
    main()
