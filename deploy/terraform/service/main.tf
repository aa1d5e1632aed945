# The processes on Fargate: web in two colours, worker, scheduler; who may do what; how a release takes over.
variable "name" { type = string }
variable "environment" { type = string }
variable "region" { type = string }
variable "image" { type = string }
variable "repository" { type = string }
variable "domain" { type = string }
variable "cpu" { type = number }
variable "memory" { type = number }
variable "least_tasks" { type = number }
variable "most_tasks" { type = number }
variable "cpu_target" { type = number }
variable "private_subnets" { type = list(string) }
variable "tasks_group" { type = string }
variable "blue_arn" { type = string }
variable "blue_name" { type = string }
variable "green_name" { type = string }
variable "listener_arn" { type = string }
variable "test_arn" { type = string }
variable "bucket" { type = string }
variable "bucket_arn" { type = string }
variable "private" { type = string }
variable "private_arn" { type = string }
variable "key_arn" { type = string }
variable "alarm_names" { type = list(string) }
variable "cdn_backend" { type = string }
variable "cdn_service_id" { type = string }

data "aws_caller_identity" "current" {}

locals {
  secrets = ["SECRET_KEY", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "CDN_API_TOKEN", "METRICS_TOKEN", "EDGE_SECRET"]
  # /pydotorg-production/SECRET_KEY and so on, encrypted with the key of the environment.
  parameters = "arn:aws:ssm:${var.region}:${data.aws_caller_identity.current.account_id}:parameter/${var.name}/"
  environment = {
    ALLOWED_HOSTS           = var.domain
    BASE_URL                = "https://${var.domain}"
    ENVIRONMENT             = var.environment
    AWS_STORAGE_BUCKET_NAME = var.bucket
    AWS_PRIVATE_BUCKET_NAME = var.private
    AWS_REGION              = var.region
    CDN_BACKEND             = var.cdn_backend
    CDN_SERVICE_ID          = var.cdn_service_id
    TRUSTED_PROXIES         = "10.0.0.0/8"
    HOST                    = "0.0.0.0"
    PORT                    = "8000"
  }
  commands = {
    worker    = ["python", "manage.py", "rqworker", "purge", "mail", "default", "--serializer", "json", "--job-class", "django_tasks_rq.Job"]
    scheduler = ["python", "manage.py", "run_schedules", "--forever"]
  }
}

resource "aws_ecr_repository" "main" {
  name                 = var.repository
  image_tag_mutability = "IMMUTABLE"
  image_scanning_configuration {
    scan_on_push = true
  }
  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = var.key_arn
  }
}

resource "aws_ecr_lifecycle_policy" "main" {
  repository = aws_ecr_repository.main.name
  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "Keep the last thirty releases"
      selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 30 }
      action       = { type = "expire" }
    }]
  })
}

resource "aws_cloudwatch_log_group" "main" {
  name              = "/ecs/${var.name}"
  retention_in_days = 90
  kms_key_id        = var.key_arn
}

resource "aws_ecs_cluster" "main" {
  name = var.name
  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_iam_role" "execution" {
  name               = "${var.name}-execution"
  assume_role_policy = data.aws_iam_policy_document.tasks_assume.json
}

resource "aws_iam_role" "task" {
  name               = "${var.name}-task"
  assume_role_policy = data.aws_iam_policy_document.tasks_assume.json
}

data "aws_iam_policy_document" "tasks_assume" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "execution" {
  role = aws_iam_role.execution.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["ssm:GetParameters"], Resource = [for name in local.secrets : "${local.parameters}${name}"] },
      { Effect = "Allow", Action = ["kms:Decrypt"], Resource = [var.key_arn] },
      { Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = ["${aws_cloudwatch_log_group.main.arn}:*"] },
      {
        Effect   = "Allow"
        Action   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"]
        Resource = [aws_ecr_repository.main.arn]
      },
    ]
  })
}

# ecr:GetAuthorizationToken knows no resource; Amazon's own policy grants it.
resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_iam_role_policy" "task" {
  role = aws_iam_role.task.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], Resource = ["${var.bucket_arn}/media/*", "${var.private_arn}/private/*"] },
      { Effect = "Allow", Action = ["s3:ListBucket"], Resource = [var.bucket_arn, var.private_arn] },
      { Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.key_arn] },
    ]
  })
}

resource "aws_ecs_task_definition" "web" {
  family                   = "${var.name}-web"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  container_definitions = jsonencode([{
    name                   = "web"
    image                  = var.image
    essential              = true
    user                   = "10001"
    readonlyRootFilesystem = true
    stopTimeout            = 40
    portMappings           = [{ containerPort = 8000, protocol = "tcp" }]
    environment            = [for name, value in local.environment : { name = name, value = value }]
    secrets                = [for name in local.secrets : { name = name, valueFrom = "${local.parameters}${name}" }]
    mountPoints            = [{ sourceVolume = "var", containerPath = "/app/var" }, { sourceVolume = "tmp", containerPath = "/tmp" }]
    healthCheck = {
      command     = ["CMD", "python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health', timeout=2)"]
      interval    = 10
      timeout     = 3
      startPeriod = 20
    }
    logConfiguration = {
      logDriver = "awslogs"
      options   = { "awslogs-group" = aws_cloudwatch_log_group.main.name, "awslogs-region" = var.region, "awslogs-stream-prefix" = "web" }
    }
  }])
  volume { name = "var" }
  volume { name = "tmp" }
}

resource "aws_ecs_task_definition" "other" {
  for_each                 = local.commands
  family                   = "${var.name}-${each.key}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  container_definitions = jsonencode([{
    name                   = each.key
    image                  = var.image
    essential              = true
    user                   = "10001"
    readonlyRootFilesystem = true
    stopTimeout            = 120
    command                = each.value
    environment            = [for name, value in local.environment : { name = name, value = value }]
    secrets                = [for name in local.secrets : { name = name, valueFrom = "${local.parameters}${name}" }]
    mountPoints            = [{ sourceVolume = "var", containerPath = "/app/var" }, { sourceVolume = "tmp", containerPath = "/tmp" }]
    logConfiguration = {
      logDriver = "awslogs"
      options   = { "awslogs-group" = aws_cloudwatch_log_group.main.name, "awslogs-region" = var.region, "awslogs-stream-prefix" = each.key }
    }
  }])
  volume { name = "var" }
  volume { name = "tmp" }
}

resource "aws_ecs_service" "web" {
  name            = "web"
  cluster         = aws_ecs_cluster.main.id
  task_definition = aws_ecs_task_definition.web.arn
  desired_count   = var.least_tasks
  launch_type     = "FARGATE"
  deployment_controller {
    type = "CODE_DEPLOY"
  }
  network_configuration {
    subnets          = var.private_subnets
    security_groups  = [var.tasks_group]
    assign_public_ip = false
  }
  load_balancer {
    target_group_arn = var.blue_arn
    container_name   = "web"
    container_port   = 8000
  }
  lifecycle {
    ignore_changes = [task_definition, load_balancer, desired_count]
  }
}

resource "aws_ecs_service" "other" {
  for_each        = local.commands
  name            = each.key
  cluster         = aws_ecs_cluster.main.id
  task_definition = aws_ecs_task_definition.other[each.key].arn
  desired_count   = 1
  launch_type     = "FARGATE"
  network_configuration {
    subnets          = var.private_subnets
    security_groups  = [var.tasks_group]
    assign_public_ip = false
  }
  lifecycle {
    ignore_changes = [task_definition]
  }
}

resource "aws_appautoscaling_target" "web" {
  service_namespace  = "ecs"
  resource_id        = "service/${aws_ecs_cluster.main.name}/${aws_ecs_service.web.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = var.least_tasks
  max_capacity       = var.most_tasks
}

resource "aws_appautoscaling_policy" "cpu" {
  name               = "${var.name}-cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.web.service_namespace
  resource_id        = aws_appautoscaling_target.web.resource_id
  scalable_dimension = aws_appautoscaling_target.web.scalable_dimension
  target_tracking_scaling_policy_configuration {
    target_value       = var.cpu_target
    scale_in_cooldown  = 300
    scale_out_cooldown = 60
    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}

resource "aws_iam_role" "deploy" {
  name = "${var.name}-codedeploy"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "codedeploy.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachment" "deploy" {
  role       = aws_iam_role.deploy.name
  policy_arn = "arn:aws:iam::aws:policy/AWSCodeDeployRoleForECS"
}

resource "aws_codedeploy_app" "main" {
  name             = var.name
  compute_platform = "ECS"
}

resource "aws_codedeploy_deployment_group" "web" {
  app_name               = aws_codedeploy_app.main.name
  deployment_group_name  = "web"
  service_role_arn       = aws_iam_role.deploy.arn
  deployment_config_name = "CodeDeployDefault.ECSCanary10Percent5Minutes"
  auto_rollback_configuration {
    enabled = true
    events  = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]
  }
  alarm_configuration {
    enabled = true
    alarms  = var.alarm_names
  }
  blue_green_deployment_config {
    deployment_ready_option {
      action_on_timeout = "CONTINUE_DEPLOYMENT"
    }
    terminate_blue_instances_on_deployment_success {
      action                           = "TERMINATE"
      termination_wait_time_in_minutes = 60
    }
  }
  deployment_style {
    deployment_option = "WITH_TRAFFIC_CONTROL"
    deployment_type   = "BLUE_GREEN"
  }
  ecs_service {
    cluster_name = aws_ecs_cluster.main.name
    service_name = aws_ecs_service.web.name
  }
  load_balancer_info {
    target_group_pair_info {
      prod_traffic_route {
        listener_arns = [var.listener_arn]
      }
      test_traffic_route {
        listener_arns = [var.test_arn]
      }
      target_group {
        name = var.blue_name
      }
      target_group {
        name = var.green_name
      }
    }
  }
}

# Requests pages from the test listener before traffic moves. AWSCodeDeployRoleForECS may call functions with this name.
data "archive_file" "hook" {
  type        = "zip"
  output_path = "${path.root}/hook.zip"
  source {
    content  = file("${path.module}/../../hook.py")
    filename = "hook.py"
  }
  source {
    content  = file("${path.module}/../../release.py")
    filename = "release.py"
  }
}

resource "aws_iam_role" "hook" {
  name = "${var.name}-hook"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

# A function in private subnets needs network interfaces, and writes a log.
resource "aws_iam_role_policy_attachment" "hook" {
  role       = aws_iam_role.hook.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
}

resource "aws_iam_role_policy" "hook" {
  role = aws_iam_role.hook.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["codedeploy:PutLifecycleEventHookExecutionStatus"], Resource = [aws_codedeploy_deployment_group.web.arn] },
      { Effect = "Allow", Action = ["kms:Decrypt"], Resource = [var.key_arn] },
    ]
  })
}

resource "aws_cloudwatch_log_group" "hook" {
  name              = "/aws/lambda/CodeDeployHook_${var.name}"
  retention_in_days = 90
  kms_key_id        = var.key_arn
}

resource "aws_lambda_function" "hook" {
  function_name                  = "CodeDeployHook_${var.name}"
  role                           = aws_iam_role.hook.arn
  runtime                        = "python3.13"
  handler                        = "hook.handler"
  filename                       = data.archive_file.hook.output_path
  source_code_hash               = data.archive_file.hook.output_base64sha256
  timeout                        = 300
  reserved_concurrent_executions = 1
  kms_key_arn                    = var.key_arn
  environment {
    variables = { TEST_URL = "https://${var.domain}:8443" }
  }
  vpc_config {
    subnet_ids         = var.private_subnets
    security_group_ids = [var.tasks_group]
  }
  tracing_config {
    mode = "PassThrough"
  }
  depends_on = [aws_cloudwatch_log_group.hook]
}
