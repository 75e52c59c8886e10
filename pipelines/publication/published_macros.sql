-- Table macros of the published file: the rows behind a number. A month is text, as '2026-10', or a
-- day of it.
create macro main.explain_mrr(in_month) as table
select * from main.mrr_movement_causes
where movement_month = cast(left(cast(in_month as varchar), 7) || '-01' as date)
order by movement_at, movement_id;

create macro main.explain_revenue(in_month, kind := null) as table
select * from main.fct_revenue
where
    booked_at >= cast(left(cast(in_month as varchar), 7) || '-01' as timestamp)
    and booked_at < cast(left(cast(in_month as varchar), 7) || '-01' as timestamp) + interval 1 month
    and (kind is null or product_kind = kind)
order by booked_at, entry_id;

create macro main.user_story(of_user) as table
select * from main.user_timeline
where user_id = cast(of_user as uuid)
order by event_at, kind, source_id;
