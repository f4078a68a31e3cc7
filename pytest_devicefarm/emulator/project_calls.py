"""Operations on projects, on the account, and on tags."""

import uuid
from typing import Any

from .arns import check_arn, not_found
from .errors import ApiError
from .farm import Farm
from .model import Model
from .paging import page
from .scenario import ARN_PREFIX

Params = dict[str, Any]
Answer = dict[str, Any]

#: Model, TooManyTagsException.
_MOST_TAGS = 50
_GIVEN = ("name", "defaultJobTimeoutMinutes", "vpcConfig", "environmentVariables", "executionRoleArn")


def create_project(farm: Farm, model: Model, params: Params) -> Answer:
    """A new project."""
    fields = {name: params[name] for name in _GIVEN if name in params}
    return {"project": farm.add_project(f"{ARN_PREFIX}:project:{uuid.uuid4()}", fields)}


def get_project(farm: Farm, model: Model, params: Params) -> Answer:
    """One project, by its ARN."""
    return {"project": project_of(farm, params["arn"])}


def list_projects(farm: Farm, model: Model, params: Params) -> Answer:
    """All projects, or the one that `arn` names."""
    projects = [project_of(farm, params["arn"])] if "arn" in params else list(farm.projects.values())
    return page(model, "ListProjects", params, projects, dict, farm.page_size)


def get_account_settings(farm: Farm, model: Model, params: Params) -> Answer:
    """The account's settings."""
    return {"accountSettings": farm.account_settings}


def tag_resource(farm: Farm, model: Model, params: Params) -> Answer:
    """Add tags to a session or a project, or change them."""
    arn = _tagged(farm, params["ResourceARN"])
    new = {tag["Key"]: tag["Value"] for tag in params["Tags"]}
    if reserved := next((key for key in new if key.lower().startswith("aws:")), None):
        raise ApiError("TagPolicyException", f"Tag keys that start with aws: are reserved: {reserved}")
    tags = farm.tags.get(arn, {}) | new
    if len(tags) > _MOST_TAGS:
        raise ApiError("TooManyTagsException", f"A resource has {_MOST_TAGS} tags at most, not {len(tags)}")
    farm.tags[arn] = tags
    return {}


def untag_resource(farm: Farm, model: Model, params: Params) -> Answer:
    """Take tags off; those that are not there do no harm."""
    arn = _tagged(farm, params["ResourceARN"])
    gone = set(params["TagKeys"])
    farm.tags[arn] = {key: value for key, value in farm.tags.get(arn, {}).items() if key not in gone}
    return {}


def list_tags_for_resource(farm: Farm, model: Model, params: Params) -> Answer:
    """The tags of a session or a project."""
    tags = farm.tags.get(_tagged(farm, params["ResourceARN"]), {})
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def project_of(farm: Farm, arn: str) -> dict[str, Any]:
    """The project with this ARN, as the API shows it; raises ApiError where there is none."""
    check_arn(arn, "project")
    if project := farm.projects.get(arn):
        return project
    raise not_found("project", arn)


def _tagged(farm: Farm, arn: str) -> str:
    check_arn(arn, "session", "project")
    if arn in farm.sessions or arn in farm.projects:
        return arn
    raise not_found("resource", arn)
