-- Log of what happened to subscriptions, the only record of their past. One row per event.
-- No policy: only the server reads and writes it.
create table if not exists public.subscription_events (
    id uuid not null default gen_random_uuid(),
    user_id uuid not null references auth.users (id) on delete cascade,
    subscription_id uuid references public.subscriptions (id),
    event_type text not null,
    product_id text,
    base_plan_id text,
    offer_id text,
    source text,
    purchase_id text,
    expires_at timestamptz,
    details json,
    created_at timestamptz not null default now(),
    primary key (id)
);

create index if not exists subscription_events_user_id_created_at_idx
    on public.subscription_events (user_id, created_at);
create index if not exists subscription_events_subscription_id_idx
    on public.subscription_events (subscription_id);
create index if not exists subscription_events_purchase_id_idx
    on public.subscription_events (purchase_id);

alter table public.subscription_events enable row level security;

grant select, insert, update, delete on public.subscription_events to anon, authenticated;
grant all on public.subscription_events to service_role;

comment on table public.subscription_events is
    'Log of what happened to subscriptions, the only record of their past. One row per event.';
comment on column public.subscription_events.id is 'Surrogate key.';
comment on column public.subscription_events.user_id is 'Whose subscription it is.';
comment on column public.subscription_events.subscription_id is 'The subscription concerned.';
comment on column public.subscription_events.event_type is 'created, renewed, canceled or expired.';
comment on column public.subscription_events.product_id is 'Product in the store.';
comment on column public.subscription_events.base_plan_id is
    'Length of the plan on Google: monthly-plan, quarterly-plan or yearly-plan.';
comment on column public.subscription_events.offer_id is 'Offer that applies, empty at list price.';
comment on column public.subscription_events.source is 'Store: google_play or app_store.';
comment on column public.subscription_events.purchase_id is
    'Order number; Google appends ..0, ..1 for renewals.';
comment on column public.subscription_events.expires_at is
    'End of the period that the event opens.';
comment on column public.subscription_events.details is 'Message of the store or a note.';
comment on column public.subscription_events.created_at is 'When the event was recorded.';
