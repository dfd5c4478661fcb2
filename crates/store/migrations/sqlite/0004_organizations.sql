-- Organizations, what they bought and what they used. Its twin is in the folder of the other database; a test compares the two.

-- Customers.
CREATE TABLE pc_organization (
    organization_id TEXT NOT NULL,
    status TEXT NOT NULL,
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id)
) STRICT;

-- Who belongs to an organization. Which roles they have is in their access record alone.
CREATE TABLE pc_member (
    organization_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    folded TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX pc_member_by_user ON pc_member (user_id, organization_id);

-- Organizations' isolated environments.
CREATE TABLE pc_tenant (
    tenant_id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    status TEXT NOT NULL,
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id)
) STRICT;
CREATE INDEX pc_tenant_by_organization ON pc_tenant (organization_id, tenant_id);

-- What is sold.
CREATE TABLE pc_product (
    product_id TEXT NOT NULL,
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (product_id)
) STRICT;

-- What is in it at a price.
CREATE TABLE pc_plan (
    plan_id TEXT NOT NULL,
    product_id TEXT NOT NULL,
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (plan_id)
) STRICT;
CREATE INDEX pc_plan_by_product ON pc_plan (product_id, plan_id);

-- Who bought what.
CREATE TABLE pc_subscription (
    subscription_id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    status TEXT NOT NULL,
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (subscription_id)
) STRICT;
CREATE INDEX pc_subscription_by_organization ON pc_subscription (organization_id, subscription_id);
CREATE INDEX pc_subscription_by_plan ON pc_subscription (plan_id, subscription_id);

-- Which members may use a subscription that is sold by seats.
CREATE TABLE pc_seat (
    subscription_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    assigned_at INTEGER NOT NULL,
    PRIMARY KEY (subscription_id, user_id)
) STRICT, WITHOUT ROWID;

-- What was used of a metered feature, a row a period.
CREATE TABLE pc_usage (
    subscription_id TEXT NOT NULL,
    feature TEXT NOT NULL,
    period_start INTEGER NOT NULL,
    carried INTEGER NOT NULL CHECK (carried >= 0),
    used INTEGER NOT NULL CHECK (used >= 0),
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (subscription_id, feature, period_start)
) STRICT, WITHOUT ROWID;

-- Which usage events were counted, for as long as they are accepted.
CREATE TABLE pc_usage_event (
    organization_id TEXT NOT NULL,
    source TEXT NOT NULL,
    event_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, source, event_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX pc_usage_event_by_time ON pc_usage_event (at);
