# The site on Amazon: `terraform init && terraform apply -var-file=environments/production.tfvars`.
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
    archive = {
      source  = "hashicorp/archive"
      version = "~> 2.0"
    }
  }
  backend "s3" {
    encrypt = true
  }
}

provider "aws" {
  region = var.region
  default_tags {
    tags = {
      project     = "pydotorg"
      environment = var.environment
    }
  }
}

module "network" {
  source = "./network"
  name   = local.name
  zones  = var.zones
  region = var.region
}

module "data" {
  source             = "./data"
  name               = local.name
  domain             = var.domain
  vpc_id             = module.network.vpc_id
  private_subnets    = module.network.private_subnets
  tasks_group        = module.network.tasks_group
  database_class     = var.database_class
  database_storage   = var.database_storage
  multi_az           = var.multi_az
  backup_days        = var.backup_days
  cache_node_type    = var.cache_node_type
  redis_password     = var.redis_password
  deletion_protected = var.environment == "production"
}

module "edge" {
  source          = "./edge"
  name            = local.name
  domain          = var.domain
  zone_name       = var.zone_name
  vpc_id          = module.network.vpc_id
  public_subnets  = module.network.public_subnets
  balancer_group  = module.network.balancer_group
  requests_per_ip = var.requests_per_ip
  blocked_regions = var.blocked_regions
}

module "service" {
  source          = "./service"
  name            = local.name
  environment     = var.environment
  region          = var.region
  image           = var.image
  domain          = var.domain
  cpu             = var.cpu
  memory          = var.memory
  least_tasks     = var.least_tasks
  most_tasks      = var.most_tasks
  cpu_target      = var.cpu_target
  private_subnets = module.network.private_subnets
  tasks_group     = module.network.tasks_group
  blue_arn        = module.edge.blue_arn
  blue_name       = module.edge.blue_name
  green_name      = module.edge.green_name
  listener_arn    = module.edge.listener_arn
  test_arn        = module.edge.test_arn
  bucket          = module.data.bucket
  bucket_arn      = module.data.bucket_arn
  private         = module.data.private_bucket
  private_arn     = module.data.private_bucket_arn
  key_arn         = module.data.key_arn
  alarm_names     = module.watch.roll_back_alarms
  repository      = var.repository
  cdn_backend     = var.cdn_backend
  cdn_service_id  = var.cdn_service_id
}

module "watch" {
  source          = "./watch"
  name            = local.name
  region          = var.region
  alarm_mail      = var.alarm_mail
  balancer        = module.edge.balancer_suffix
  blue            = module.edge.blue_suffix
  database        = module.data.database_id
  cluster         = local.name
  log_group       = "/ecs/${local.name}"
  monthly_dollars = var.monthly_dollars
}

locals {
  name = "pydotorg-${var.environment}"
}
