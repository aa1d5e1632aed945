"""Terraform files for AWS, parsed but not applied: tests have neither an account nor Terraform providers."""

import re
from pathlib import Path

import hcl2
import pytest

from deploy.drills.releases import LARGEST
from deploy.release import appspec
from pydotorg.settings.variables import VARIABLES, Level

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "terraform"
MODULES = ("network", "data", "edge", "service", "watch")


def plain(value):
    """Return a value parsed by hcl2 without the quotes that hcl2 leaves around strings."""
    if isinstance(value, dict):
        return {plain(key): plain(inner) for key, inner in value.items() if not key.startswith("__")}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.strip('"') if isinstance(value, str) else value


def read(name: str) -> dict:
    with (FOLDER / name).open(encoding="utf-8") as file:
        return plain(hcl2.load(file))


PARSED = {name: read(f"{name}/main.tf") for name in MODULES}
TOP, TOP_VARIABLES = read("main.tf"), read("variables.tf")


def found(module: str, kind: str) -> dict[str, dict]:
    """Return the resources of one type in a module by name."""
    return {name: facts for block in PARSED[module]["resource"] if kind in block for name, facts in block[kind].items()}


@pytest.mark.proves("S3-53", static=True)
def test_each_reference_leads_somewhere():
    """Check the references that `terraform validate` checks: modules receive and use exactly the variables they declare."""
    calls = {name: facts for block in TOP["module"] for name, facts in block.items()}
    outputs = {name: {key for block in PARSED[name].get("output", []) for key in block} for name in MODULES}
    declared_above = {key for block in TOP_VARIABLES["variable"] for key in block}
    assert set(calls) == set(MODULES)
    for name, facts in calls.items():
        text = (FOLDER / name / "main.tf").read_text()
        declared = {key for block in PARSED[name]["variable"] for key in block}
        assert set(facts) - {"source"} == declared == set(re.findall(r"\bvar\.(\w+)", text)), name
        for resource, label in re.findall(r"(?<![\w.\"])(aws_\w+)\.(\w+)[.\[]", text):
            if f"data.{resource}" not in text:
                assert label in found(name, resource), f"{name}: {resource}.{label}"
    for module, output in re.findall(r"module\.(\w+)\.(\w+)", (FOLDER / "main.tf").read_text()):
        assert output in outputs[module]
    used = set(re.findall(r"\bvar\.(\w+)", (FOLDER / "main.tf").read_text()))
    assert used == declared_above
    for environment in (FOLDER / "environments").iterdir():
        assert set(read(f"environments/{environment.name}")) <= declared_above


@pytest.mark.proves("S3-19", "S3-21", "S3-22", "S4-22", static=True)
def test_only_the_balancer_is_public():
    network = found("network", "aws_subnet")
    assert "map_public_ip_on_launch" in network["public"]
    assert network["public"]["count"] == network["private"]["count"] == "${length(var.zones)}"
    (zones,) = [block["zones"] for block in TOP_VARIABLES["variable"] if "zones" in block]
    assert len(zones["default"]) >= 2
    assert found("network", "aws_nat_gateway")
    endpoints = found("network", "aws_vpc_endpoint")
    assert endpoints["s3"]["vpc_endpoint_type"] == "Gateway"
    assert all(name in endpoints["interface"]["for_each"] for name in ("ecr.api", "ecr.dkr", "logs", "ssm"))
    for service in found("service", "aws_ecs_service").values():
        assert service["network_configuration"][0]["assign_public_ip"] is False
        assert service["network_configuration"][0]["subnets"] == "${var.private_subnets}"
    assert found("edge", "aws_lb")["main"]["subnets"] == "${var.public_subnets}"


@pytest.mark.proves("S1-27", "S3-20", "S4-23", static=True)
def test_security_groups_are_exactly_these():
    opened = {
        (name, rule.get("cidr_ipv4") or rule.get("referenced_security_group_id"), rule["from_port"])
        for module in MODULES
        for name, rule in found(module, "aws_vpc_security_group_ingress_rule").items()
    }
    assert opened == {
        ("https", "0.0.0.0/0", 443),
        ("test", "${aws_eip.nat.public_ip}/32", 8443),
        ("tasks_from_balancer", "${aws_security_group.balancer.id}", 8000),
        ("endpoints_from_tasks", "${aws_security_group.tasks.id}", 443),
        ("postgresql", "${var.tasks_group}", 5432),
        ("redis", "${var.tasks_group}", 6379),
    }


@pytest.mark.proves("S1-18", "S3-14", "S3-15", "S3-17", static=True)
def test_data_is_encrypted_private_and_kept():
    database = found("data", "aws_db_instance")["main"]
    assert database["storage_encrypted"] is database["copy_tags_to_snapshot"] is True
    assert database["publicly_accessible"] is database["skip_final_snapshot"] is False
    assert database["backup_retention_period"] == "${var.backup_days}"
    assert database["multi_az"] == "${var.multi_az}"
    assert read("environments/production.tfvars")["multi_az"] is True
    assert read("environments/production.tfvars")["backup_days"] >= 14
    cache = found("data", "aws_elasticache_replication_group")["main"]
    assert cache["at_rest_encryption_enabled"] is cache["transit_encryption_enabled"] is True
    assert found("data", "aws_kms_key")["main"]["enable_key_rotation"] is True
    assert all(value for key, value in found("data", "aws_s3_bucket_public_access_block")["private"].items() if key != "bucket")
    assert set(found("data", "aws_s3_bucket_versioning")) == set(found("data", "aws_s3_bucket")) == {"files", "private"}
    assert set(found("data", "aws_s3_bucket_server_side_encryption_configuration")) == {"files", "private"}
    policy = found("data", "aws_s3_bucket_policy")
    assert set(policy) == {"files"}
    assert re.findall(r"s3:\w+|/media/\*", policy["files"]["policy"]) == ["s3:GetObject", "/media/*"]
    (parameter,) = found("data", "aws_db_parameter_group")["main"]["parameter"]
    assert (parameter["name"], parameter["value"]) == ("rds.force_ssl", "1")


@pytest.mark.proves("S0-10", "S3-02", "S3-05", "S4-05", "S4-06", "S4-07", "S0-09", static=True)
def test_visitors_come_by_name_certificate_and_firewall():
    assert found("edge", "aws_route53_record")["site"]["type"] == "A"
    listeners = found("edge", "aws_lb_listener")
    assert {(name, row["port"], row["protocol"]) for name, row in listeners.items()} == {
        ("https", 443, "HTTPS"),
        ("test", 8443, "HTTPS"),
    }
    assert found("edge", "aws_wafv2_web_acl_association")["main"]["resource_arn"] == "${aws_lb.main.arn}"
    for group in found("edge", "aws_lb_target_group").values():
        (check,) = group["health_check"]
        assert (check["path"], check["interval"], group["port"]) == ("/health", 30, 8000)


@pytest.mark.proves("S3-23", "S3-25", static=True)
def test_the_firewall_has_managed_rules_a_rate_and_regions_on_demand():
    wall = found("edge", "aws_wafv2_web_acl")["main"]
    statements = [rule["statement"][0] for rule in wall["rule"]]
    managed = {row["managed_rule_group_statement"][0]["name"] for row in statements if "managed_rule_group_statement" in row}
    assert managed == {"AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"}
    assert any("rate_based_statement" in row for row in statements)
    (dynamic,) = wall["dynamic"]
    assert "length(var.blocked_regions) > 0" in dynamic["rule"]["for_each"]
    (regions,) = [block["blocked_regions"] for block in TOP_VARIABLES["variable"] if "blocked_regions" in block]
    assert regions["default"] == []


@pytest.mark.proves("S0-11", "S1-15", "S1-16", "S1-34", "S3-09", "S3-10", "S3-62", static=True)
def test_tasks_run_on_fargate_and_scale_with_their_work():
    tasks = found("service", "aws_ecs_task_definition")
    assert all(task["requires_compatibilities"] == ["FARGATE"] and task["network_mode"] == "awsvpc" for task in tasks.values())
    defaults = {name: facts.get("default") for block in TOP_VARIABLES["variable"] for name, facts in block.items()}
    assert (defaults["least_tasks"], defaults["most_tasks"], defaults["cpu_target"]) == (2, 6, 60)
    assert min(defaults["memory"], read("environments/test.tfvars")["memory"]) == LARGEST, (
        "`make release-drills` measures against it."
    )
    (policy,) = found("service", "aws_appautoscaling_policy")["cpu"]["target_tracking_scaling_policy_configuration"]
    assert policy["predefined_metric_specification"][0]["predefined_metric_type"] == "ECSServiceAverageCPUUtilization"
    assert policy["scale_in_cooldown"] == 300
    (setting,) = found("service", "aws_ecs_cluster")["main"]["setting"]
    assert (setting["name"], setting["value"]) == ("containerInsights", "enabled")


@pytest.mark.proves("S3-45", static=True)
def test_task_definitions_set_known_variables_and_run_the_processes():
    (values,) = PARSED["service"]["locals"]
    names = {variable.name for variable in VARIABLES}
    secrets = {variable.name for variable in VARIABLES if variable.level == Level.SECRET}
    assert set(values["secrets"]) <= secrets
    assert set(values["environment"]) <= names - secrets
    assert {variable.name for variable in VARIABLES if variable.required} <= set(values["secrets"]) | set(values["environment"])
    processes = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    commands = {name: " ".join(command) for name, command in values["commands"].items()}
    assert commands == {name: command for name, command in processes.items() if name != "web"}


@pytest.mark.proves("S1-26", "S3-13", "S3-26", static=True)
def test_roles_may_do_only_what_they_need():
    assert {"execution", "task", "deploy", "hook"} == set(found("service", "aws_iam_role"))
    policies = found("service", "aws_iam_role_policy")
    assert set(policies) == {"execution", "task", "hook"}
    for policy in policies.values():
        text = policy["policy"]
        assert not re.search(r"(Action|Resource)\W+\[?\W*\"\*\"", text)
        actions = re.findall(r"\"(\w+:\w+\*?)\"", text)
        assert actions
        assert not [action for action in actions if action.endswith("*")]


@pytest.mark.proves("S3-11", static=True)
def test_a_release_takes_over_by_steps_and_an_alarm_takes_it_back():
    group = found("service", "aws_codedeploy_deployment_group")["web"]
    assert group["deployment_style"][0]["deployment_type"] == "BLUE_GREEN"
    assert "Canary" in group["deployment_config_name"]
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["auto_rollback_configuration"][0]["events"]
    assert group["alarm_configuration"][0]["enabled"] is True
    assert "test_traffic_route" in group["load_balancer_info"][0]["target_group_pair_info"][0]
    hook = found("service", "aws_lambda_function")["hook"]
    assert appspec("${var.name}", "x")["Hooks"] == [{"AfterAllowTestTraffic": hook["function_name"]}]
    (listener,) = [row for name, row in found("edge", "aws_lb_listener").items() if name == "test"]
    assert hook["environment"][0]["variables"]["TEST_URL"].endswith(f":{listener['port']}")


@pytest.mark.proves("S3-30", "S1-31", "S3-57", static=True)
def test_each_alarm_tells_somebody():
    alarms = found("watch", "aws_cloudwatch_metric_alarm")
    assert {"errors", "latency", "unhealthy", "database_cpu", "database_space", "failed_tasks", "refusals"} == set(alarms)
    assert all(
        alarm["alarm_actions"] == ["${aws_sns_topic.alarms.arn}"] and alarm["alarm_description"] for alarm in alarms.values()
    )


@pytest.mark.proves("S3-31", static=True)
def test_filters_and_the_dashboard_name_what_the_code_writes():
    dashboard = found("watch", "aws_cloudwatch_dashboard")["main"]["dashboard_body"]
    filters = found("watch", "aws_cloudwatch_log_metric_filter")
    own = {row["metric_transformation"][0]["name"] for row in filters.values()}
    assert set(re.findall(r"pydotorg\W+(\w+)", dashboard)) == own == {"FailedTasks", "Refusals"}
    loggers = {match for row in filters.values() for match in re.findall(r"logger = \W*(\w+)", row["pattern"])}
    sources = "".join(
        path.read_text() for path in (ROOT / "cms/platform/task_log.py", ROOT / "users/security.py", ROOT / "pydotorg/views.py")
    )
    assert all(f'getLogger("{name}")' in sources for name in loggers)
    events = {match for row in filters.values() for match in re.findall(r"event = \W*(\w+)", row["pattern"])}
    assert all(f'record("{event}"' in sources for event in events)


@pytest.mark.proves("S4-20", "S4-21", "S3-64", static=True)
def test_images_and_logs_are_kept_for_a_while():
    repository = found("service", "aws_ecr_repository")["main"]
    assert repository["image_tag_mutability"] == "IMMUTABLE"
    assert repository["image_scanning_configuration"][0]["scan_on_push"] is True
    assert found("service", "aws_ecr_lifecycle_policy")
    group = found("service", "aws_cloudwatch_log_group")["main"]
    assert (group["name"], group["retention_in_days"]) == ("/ecs/${var.name}", 90)


@pytest.mark.proves("S1-32", "S3-56", static=True)
def test_each_environment_has_its_size_and_its_budget():
    production, test = read("environments/production.tfvars"), read("environments/test.tfvars")
    assert production["database_class"] != test["database_class"]
    assert "monthly_dollars" in test
    assert found("watch", "aws_budgets_budget")["monthly"]["notification"]
