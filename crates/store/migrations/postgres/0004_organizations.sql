-- Organizations, what they bought and what they used. Its twin is in the folder of the other database; a test compares the two.

-- Customers.
CREATE TABLE pc_organization (
    organization_id TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id)
);

-- Who belongs to an organization. Which roles they have is in their access record alone.
CREATE TABLE pc_member (
    organization_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    folded TEXT NOT NULL,
    joined_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX pc_member_by_user ON pc_member (user_id, organization_id);

-- Organizations' isolated environments.
CREATE TABLE pc_tenant (
    tenant_id TEXT COLLATE "C" NOT NULL,
    organization_id TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id)
);
CREATE INDEX pc_tenant_by_organization ON pc_tenant (organization_id, tenant_id);

-- What is sold.
CREATE TABLE pc_product (
    product_id TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (product_id)
);

-- What is in it at a price.
CREATE TABLE pc_plan (
    plan_id TEXT COLLATE "C" NOT NULL,
    product_id TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (plan_id)
);
CREATE INDEX pc_plan_by_product ON pc_plan (product_id, plan_id);

-- Who bought what.
CREATE TABLE pc_subscription (
    subscription_id TEXT COLLATE "C" NOT NULL,
    organization_id TEXT COLLATE "C" NOT NULL,
    plan_id TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (subscription_id)
);
CREATE INDEX pc_subscription_by_organization ON pc_subscription (organization_id, subscription_id);
CREATE INDEX pc_subscription_by_plan ON pc_subscription (plan_id, subscription_id);

-- Which members may use a subscription that is sold by seats.
CREATE TABLE pc_seat (
    subscription_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    assigned_at BIGINT NOT NULL,
    PRIMARY KEY (subscription_id, user_id)
);

-- What was used of a metered feature, a row a period.
CREATE TABLE pc_usage (
    subscription_id TEXT COLLATE "C" NOT NULL,
    feature TEXT COLLATE "C" NOT NULL,
    period_start BIGINT NOT NULL,
    carried BIGINT NOT NULL CHECK (carried >= 0),
    used BIGINT NOT NULL CHECK (used >= 0),
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (subscription_id, feature, period_start)
);

-- Which usage events were counted, for as long as they are accepted.
CREATE TABLE pc_usage_event (
    organization_id TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    event_id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, source, event_id)
);
CREATE INDEX pc_usage_event_by_time ON pc_usage_event (at);
