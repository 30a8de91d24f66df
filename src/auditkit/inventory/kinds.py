"""Kinds of things: one word for each, used by records, nodes, tables and pictures alike."""

from enum import StrEnum

__all__ = ["EVIDENCE_KINDS", "PRINCIPAL_KINDS", "STORE_KINDS", "Kind"]


class Kind(StrEnum):
    """Kind of a record or a node."""

    # compute
    FUNCTION = "function"
    FUNCTION_VERSION = "function version"
    FUNCTION_ALIAS = "function alias"
    LAYER = "layer"
    CODE_SIGNING_CONFIG = "code signing configuration"
    FUNCTION_SETTINGS = "function settings"
    STATE_MACHINE = "state machine"
    CONTAINER_SERVICE = "container service"
    INSTANCE = "instance"
    JOB = "job"  # a build project, a batch queue, an ETL job: runs code, and is not a function
    # entries and triggers
    REST_API = "REST API"
    HTTP_API = "HTTP API"
    WEBSOCKET_API = "WebSocket API"
    GRAPHQL_API = "GraphQL API"
    ROUTE = "route"
    AUTHORIZER = "authorizer"
    VPC_LINK = "VPC link"
    RESOLVER = "resolver"
    FUNCTION_URL = "function URL"
    EVENT_SOURCE_MAPPING = "event source mapping"
    RULE = "rule"
    SCHEDULE = "schedule"
    PIPE = "pipe"
    SUBSCRIPTION = "subscription"
    LOAD_BALANCER = "load balancer"
    LISTENER = "listener"
    TARGET_GROUP = "target group"
    DISTRIBUTION = "distribution"
    ORIGIN_ACCESS_CONTROL = "origin access control"
    IOT_RULE = "IoT rule"
    USER_POOL = "user pool"
    IDENTITY_POOL = "identity pool"
    AGENT = "agent"
    ACTION_GROUP = "action group"
    AGENT_GATEWAY = "agent gateway"
    GATEWAY_TARGET = "gateway target"
    # stores
    BUCKET = "bucket"
    TABLE = "table"
    TABLE_STREAM = "table stream"
    QUEUE = "queue"
    TOPIC = "topic"
    STREAM = "stream"
    DELIVERY_STREAM = "delivery stream"
    EVENT_BUS = "event bus"
    ARCHIVE = "archive"
    SECRET = "secret"  # noqa: S105 -- a kind, not a secret
    PARAMETER = "parameter"
    KEY = "key"
    DATABASE = "database"
    DATABASE_PROXY = "database proxy"
    CACHE = "cache"
    SEARCH_DOMAIN = "search domain"
    FILE_SYSTEM = "file system"
    LOG_GROUP = "log group"
    REPOSITORY = "repository"
    KAFKA_CLUSTER = "Kafka cluster"
    BROKER = "broker"
    # principals
    ROLE = "role"
    USER = "user"
    GROUP = "group"
    MANAGED_POLICY = "managed policy"
    SERVICE = "service"
    ACCOUNT = "account"
    FEDERATION = "federation"
    ANONYMOUS = "anonymous"
    # outside, and structure
    INTERNET = "internet"
    THIRD_PARTY = "third party"
    API_DESTINATION = "API destination"
    CONNECTION = "connection"
    VPC = "VPC"
    SUBNET = "subnet"
    SECURITY_GROUP = "security group"
    VPC_ENDPOINT = "VPC endpoint"
    ROUTE_TABLE = "route table"
    PREFIX_LIST = "prefix list"
    NAT_GATEWAY = "NAT gateway"
    ORGANIZATION = "organization"
    ORGANIZATIONAL_UNIT = "organizational unit"
    ORGANIZATION_POLICY = "organization policy"
    PUBLIC_ACCESS_BLOCK = "public access block"
    DEVICE_POLICY = "device policy"  # of AWS IoT: what holds a certificate may do
    RESOURCE_POLICY = "resource policy"  # of a service in an account, not of one resource
    PARAMETER_GROUP = "parameter group"
    ACCESS_POINT = "access point"  # of a file system
    DOMAIN_NAME = "domain name"
    CACHE_USER = "cache user"
    CACHE_USER_GROUP = "cache user group"
    GRANT = "grant"
    SCOPE = "scope"  # targets that grants name together
    HOST = "host"  # a host name inside: private, or of a resource that no record explains
    IMAGE = "image"  # of a container, by digest
    # what guards and watches
    WEB_ACL = "web ACL"
    WEB_ACL_USE = "web ACL use"
    LOG_SOURCE = "log source"
    LOG_DELIVERY = "log delivery"
    REALTIME_LOG = "real-time log"
    TRAIL = "trail"
    ALARM = "alarm"
    DETECTOR = "detector"
    BUDGET = "budget"
    ANOMALY_MONITOR = "anomaly monitor"
    SCAN_COVERAGE = "scan coverage"
    BACKUP_VAULT = "backup vault"
    BACKUP = "backup"
    DATABASE_SNAPSHOT = "database snapshot"
    RESOURCE = "resource"  # of AWS, of a kind that is not told apart
    # evidence: what side inputs say
    LAST_ACCESS = "last access"
    OBSERVED_CALL = "observed call"
    ACTIVITY_LOG = "activity log"
    METRIC = "metric"
    VULNERABILITY = "vulnerability"
    SCAN_RESULT = "scan result"
    CODE_SCAN = "code scan"
    CODE_PACKAGE = "code package"
    PLAIN_SECRETS = "plain secrets"


STORE_KINDS = frozenset(
    {
        Kind.BUCKET,
        Kind.TABLE,
        Kind.TABLE_STREAM,
        Kind.QUEUE,
        Kind.TOPIC,
        Kind.STREAM,
        Kind.DELIVERY_STREAM,
        Kind.EVENT_BUS,
        Kind.ARCHIVE,
        Kind.SECRET,
        Kind.PARAMETER,
        Kind.KEY,
        Kind.DATABASE,
        Kind.CACHE,
        Kind.SEARCH_DOMAIN,
        Kind.FILE_SYSTEM,
        Kind.LOG_GROUP,
        Kind.REPOSITORY,
        Kind.KAFKA_CLUSTER,
        Kind.BROKER,
    }
)
"""Kinds that keep data."""

PRINCIPAL_KINDS = frozenset({Kind.ROLE, Kind.USER, Kind.SERVICE, Kind.ACCOUNT, Kind.FEDERATION, Kind.ANONYMOUS})
"""Kinds that act."""

EVIDENCE_KINDS = frozenset(
    {
        Kind.LAST_ACCESS,
        Kind.OBSERVED_CALL,
        Kind.ACTIVITY_LOG,
        Kind.METRIC,
        Kind.VULNERABILITY,
        Kind.SCAN_RESULT,
        Kind.CODE_SCAN,
        Kind.CODE_PACKAGE,
        Kind.PLAIN_SECRETS,
    }
)
"""Kinds that are about other records, and describe nothing of an account themselves."""
