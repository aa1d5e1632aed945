"""Lambda function that CodeDeploy calls when the test listener leads to the new tasks, before a visitor reaches them.

It requests the URLs of `release.py smoke` from the test listener (TEST_URL) and reports the result. After "Failed", CodeDeploy
stops the deployment, and no traffic has moved. deploy/terraform/service packs this file together with release.py.
"""

import os

import boto3
from release import ReleaseError, smoke


def handler(event: dict[str, str], context: object) -> str:
    """Return the status that was reported: "Succeeded" or "Failed"."""
    status = "Failed"
    try:
        smoke(os.environ["TEST_URL"])
        status = "Succeeded"
    except ReleaseError as error:
        print(error)
    finally:
        # Without a report, CodeDeploy would wait for an hour.
        boto3.client("codedeploy").put_lifecycle_event_hook_execution_status(
            deploymentId=event["DeploymentId"],
            lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
            status=status,
        )
    return status
