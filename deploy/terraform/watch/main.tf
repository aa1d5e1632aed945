# Alarms, each with somebody who is told; a dashboard; a budget.
variable "name" { type = string }
variable "region" { type = string }
variable "alarm_mail" { type = string }
variable "balancer" { type = string }
variable "blue" { type = string }
variable "database" { type = string }
variable "cluster" { type = string }
variable "log_group" { type = string }
variable "monthly_dollars" { type = number }

resource "aws_sns_topic" "alarms" {
  name              = "${var.name}-alarms"
  kms_master_key_id = "alias/aws/sns"
}

resource "aws_sns_topic_subscription" "mail" {
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_mail
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "${var.name}-errors"
  alarm_description   = "More than ten answers of status 5xx in a minute"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HTTPCode_Target_5XX_Count"
  dimensions          = { LoadBalancer = var.balancer }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 2
  threshold           = 10
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "latency" {
  alarm_name          = "${var.name}-latency"
  alarm_description   = "One in twenty answers takes longer than a second"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "TargetResponseTime"
  dimensions          = { LoadBalancer = var.balancer }
  extended_statistic  = "p95"
  period              = 60
  evaluation_periods  = 5
  threshold           = 1
  comparison_operator = "GreaterThanThreshold"
  alarm_actions       = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "unhealthy" {
  alarm_name          = "${var.name}-unhealthy"
  alarm_description   = "A task does not answer /health"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "UnHealthyHostCount"
  dimensions          = { LoadBalancer = var.balancer, TargetGroup = var.blue }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 3
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  alarm_actions       = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "database_cpu" {
  alarm_name          = "${var.name}-database-cpu"
  alarm_description   = "The database works above 80 per cent for ten minutes"
  namespace           = "AWS/RDS"
  metric_name         = "CPUUtilization"
  dimensions          = { DBInstanceIdentifier = var.database }
  statistic           = "Average"
  period              = 300
  evaluation_periods  = 2
  threshold           = 80
  comparison_operator = "GreaterThanThreshold"
  alarm_actions       = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "database_space" {
  alarm_name          = "${var.name}-database-space"
  alarm_description   = "Less than 5 GiB are left"
  namespace           = "AWS/RDS"
  metric_name         = "FreeStorageSpace"
  dimensions          = { DBInstanceIdentifier = var.database }
  statistic           = "Minimum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 5368709120
  comparison_operator = "LessThanThreshold"
  alarm_actions       = [aws_sns_topic.alarms.arn]
}

# Lines of the log, counted: {"logger": "tasks", "status": "failed"} and {"logger": "security", "event": "…"}.
resource "aws_cloudwatch_log_metric_filter" "failed_tasks" {
  name           = "${var.name}-failed-tasks"
  log_group_name = var.log_group
  pattern        = "{ $.logger = \"tasks\" && $.status = \"failed\" }"
  metric_transformation {
    namespace = "pydotorg"
    name      = "FailedTasks"
    value     = "1"
  }
}

resource "aws_cloudwatch_log_metric_filter" "refusals" {
  name           = "${var.name}-refusals"
  log_group_name = var.log_group
  pattern        = "{ $.logger = \"security\" && ($.event = \"limited\" || $.event = \"denied\") }"
  metric_transformation {
    namespace = "pydotorg"
    name      = "Refusals"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "failed_tasks" {
  alarm_name          = "${var.name}-failed-tasks"
  alarm_description   = "Tasks fail: look at Reports → Tasks in the admin"
  namespace           = "pydotorg"
  metric_name         = "FailedTasks"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 5
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "refusals" {
  alarm_name          = "${var.name}-refusals"
  alarm_description   = "Somebody tries doors: look at the stream of security"
  namespace           = "pydotorg"
  metric_name         = "Refusals"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 100
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_dashboard" "main" {
  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = [
      {
        type = "metric", x = 0, y = 0, width = 12, height = 6
        properties = {
          region = var.region, title = "Answers"
          metrics = [
            ["AWS/ApplicationELB", "RequestCount", "LoadBalancer", var.balancer],
            ["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "LoadBalancer", var.balancer],
            ["AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", var.balancer],
          ]
        }
      },
      {
        type = "metric", x = 12, y = 0, width = 12, height = 6
        properties = {
          region = var.region, title = "Processes and database"
          metrics = [
            ["AWS/ECS", "CPUUtilization", "ClusterName", var.cluster, "ServiceName", "web"],
            ["AWS/ECS", "MemoryUtilization", "ClusterName", var.cluster, "ServiceName", "web"],
            ["AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", var.database],
            ["AWS/RDS", "DatabaseConnections", "DBInstanceIdentifier", var.database],
          ]
        }
      },
      {
        type = "metric", x = 0, y = 6, width = 24, height = 6
        properties = {
          region  = var.region, title = "From the log"
          metrics = [["pydotorg", "FailedTasks"], ["pydotorg", "Refusals"]]
        }
      },
    ]
  })
}

resource "aws_budgets_budget" "monthly" {
  name         = var.name
  budget_type  = "COST"
  limit_amount = tostring(var.monthly_dollars)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"
  notification {
    comparison_operator        = "GREATER_THAN"
    threshold                  = 80
    threshold_type             = "PERCENTAGE"
    notification_type          = "FORECASTED"
    subscriber_email_addresses = [var.alarm_mail]
  }
}

output "roll_back_alarms" {
  value = [aws_cloudwatch_metric_alarm.errors.alarm_name, aws_cloudwatch_metric_alarm.latency.alarm_name]
}
