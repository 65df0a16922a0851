-- Case time columns are named in comments; every column called *_machine, and every lease, is the database's own clock.

-- ---------------------------------------------------------------- what came in
create table inbox_offset (
    topic text not null,
    partition int not null,
    next_offset bigint not null,
    primary key (topic, partition)
);
comment on table inbox_offset is 'Where reading goes on: committed with the events, so it outranks the broker''s own offsets.';

create table case_event (
    force text not null,
    source text not null,
    event_id text not null,
    case_id text not null,
    type text not null,
    time timestamptz not null,
    known_at timestamptz not null,
    sequence bigint,
    data jsonb not null,
    digest bytea not null,
    arrived_at timestamptz not null,  -- case time
    arrived_machine timestamptz not null default clock_timestamp(),
    primary key (force, source, event_id)
);
comment on table case_event is 'Every accepted event, once. Contact values and names are taken out of data and live in the vault.';
create index case_event_case on case_event (force, case_id);

create table event_person (
    force text not null,
    person_id text not null,
    source text not null,
    event_id text not null,
    primary key (force, person_id, source, event_id)
);
create index event_person_event on event_person (force, source, event_id);
comment on table event_person is 'Which events state something of a person: the person''s history across cases.';

-- Which event each correction names, whether or not it has come; `to_case` is another case that it moves the event to.
create table event_fix (
    force text not null,
    target_source text not null,
    target_id text not null,
    source text not null,
    event_id text not null,
    case_id text not null,
    to_case text,
    person_id text,  -- of whom the new data says something
    primary key (force, target_source, target_id, source, event_id)
);
create index event_fix_by on event_fix (force, source, event_id);
create index event_fix_from on event_fix (force, case_id) where to_case is not null;
create index event_fix_to on event_fix (force, to_case) where to_case is not null;

create table rejected_event (
    id uuid primary key default gen_random_uuid(),
    topic text not null,
    partition int not null,
    record_offset bigint not null,
    received_at timestamptz not null,  -- case time
    received_machine timestamptz not null default clock_timestamp(),
    reason text not null,
    field text not null,
    remedy text not null,
    size int not null,
    record_key bytea,
    bytes bytea,
    replayed_at timestamptz,
    replay_outcome text,
    unique (topic, partition, record_offset)
);

create table feed (
    force text not null,
    source text not null,
    heard_at timestamptz not null,  -- case time: when its latest event arrived
    lag interval not null,  -- how long after it was known the slowest event of the last hour arrived
    lagged_at timestamptz not null,  -- case time: when that event arrived
    known_at timestamptz not null,  -- when it was known
    primary key (force, source)
);
comment on table feed is 'Every source that ever spoke, and when last; written seldom, so a little behind.';

create table waiting_event (
    force text not null,
    source text not null,
    event_id text not null,
    case_id text not null,
    since_machine timestamptz not null default clock_timestamp(),
    since timestamptz not null,  -- case time
    waits_for text[] not null,
    primary key (force, source, event_id)
);
create index waiting_event_case on waiting_event (force, case_id);

-- ---------------------------------------------------------------- cases and people
create table case_file (
    force text not null,
    case_id text not null,
    again_at timestamptz,  -- case time: plan again then, whatever happens
    planned_at timestamptz,
    primary key (force, case_id)
);
comment on table case_file is 'The row that is locked while a case is planned.';
create index case_file_again on case_file (again_at) where again_at is not null;

create table case_person (
    force text not null,
    case_id text not null,
    person_id text not null,
    roles text[] not null default '{}',
    stands_for text[] not null default '{}',
    primary key (force, case_id, person_id)
);
create index case_person_person on case_person (force, person_id);

create table case_link (
    force text not null,
    case_id text not null,
    other_id text not null,
    stands boolean not null,
    primary key (force, case_id, other_id)
);
comment on table case_link is 'Cases that were ever linked, each pair in both directions: whether they are, by the last word of either.';

create table person (
    force text not null,
    person_id text not null,
    state jsonb not null default '{}',
    primary key (force, person_id)
);
comment on table person is 'The folded state of a person; no number, address or name is in it.';

create table replan (
    id bigint generated always as identity primary key,
    force text not null,
    case_id text not null,
    why text not null
);
comment on table replan is 'Cases to be planned again because of something outside an event; inserted only, so that nobody who holds a message waits for a case.';

create table holiday_list (
    id bigint generated always as identity primary key,
    digest text not null,
    version text not null,
    last_day date not null,
    days date[] not null,
    since timestamptz not null  -- case time
);
comment on table holiday_list is 'Every list of bank holidays that deadlines were counted by; the newest is the one in use.';

create table force_rules (
    force text not null,
    revision int not null,
    toml text not null,
    loaded_at timestamptz not null,  -- case time
    loaded_by text not null,
    loaded_machine timestamptz not null default clock_timestamp(),
    proposed_by text,  -- whose file it was, where it took a second person to load it
    loosens text[] not null default '{}',
    primary key (force, revision)
);

create table force_proposal (
    id uuid primary key default gen_random_uuid(),
    force text not null,
    toml text not null,
    digest bytea not null,
    loosens text[] not null,
    proposed_at timestamptz not null,  -- case time
    proposed_by text not null,
    closed_at timestamptz,  -- case time
    closed_how text check (closed_how in ('loaded', 'replaced'))
);
create unique index force_proposal_open on force_proposal (force) where closed_at is null;
comment on table force_proposal is 'Rules that loosen something and wait for a second person.';

-- ---------------------------------------------------------------- the vault: the only home of contact details and names
create table contact_detail (
    id bigint generated always as identity primary key,
    force text not null,
    medium text not null check (medium in ('phone', 'email', 'post', 'place')),  -- place: an address by its letters and digits alone
    normal text not null,
    address text not null,
    suppressed_at timestamptz,  -- case time
    suppressed_why text,
    suspect_at timestamptz,  -- case time: unknown, recycled or wrong number
    suspect_why text,
    unique (force, medium, normal)
);
comment on table contact_detail is 'Each number or address once, in its normal form; two contact points that share a row are the same number.';

create table contact_point (
    force text not null,
    person_id text not null,
    contact_id text not null,
    source text not null,
    event_id text not null,
    detail_id bigint references contact_detail (id),  -- null: the event left the value blank
    unusable text,
    alike_id bigint references contact_detail (id),  -- what it is compared by, where that is not its own spelling
    primary key (force, person_id, contact_id, source, event_id)
);
comment on table contact_point is 'Which event gave which contact of a person which number: the history of their contacts.';

create table contact_approval (
    force text not null,
    person_id text not null,
    subject text not null check (subject = 'safety' or subject like 'contact:%'),
    source text not null,
    event_id text not null,
    verdict text not null check (verdict in ('approved', 'refused')),
    decided_by text not null,
    decided_at timestamptz not null,  -- case time
    primary key (force, person_id, subject, source, event_id)
);
comment on table contact_approval is 'A second person''s word on what an event changed of a contact, or loosened of what is safe.';

create table person_name (
    force text not null,
    person_id text not null,
    source text not null,
    event_id text not null,
    name text not null,
    primary key (force, person_id, source, event_id)
);

-- ---------------------------------------------------------------- what is owed
create table updates (
    id uuid primary key,
    force text not null,
    case_id text not null,
    person_id text not null,
    for_whom text not null default '',
    update_point text not null,
    source text not null,
    event_id text not null,
    part text not null default '',
    corrects uuid,
    edition text not null,
    cls text not null,
    state text not null check (state in ('planned', 'released', 'sent', 'told', 'unconfirmed', 'held', 'declined', 'withdrawn')),
    evidence text check (evidence in ('delivered', 'no_bounce', 'conversation', 'letter', 'owner_confirmed', 'done')),
    kind text check (kind in ('news', 'prompt')),
    channel text,
    contact_id text,
    send_at timestamptz,
    due_at timestamptz,
    target_at timestamptz,
    told_at timestamptz,
    late boolean not null default false,
    late_told boolean not null default false,
    contested boolean not null default false,
    hold_safety boolean not null default false,
    facts jsonb not null,
    facts_hash text not null,
    reasons jsonb not null,
    explanation jsonb not null,
    plan_digest bytea not null,
    created_at timestamptz not null,  -- case time
    changed_at timestamptz not null,  -- case time
    -- Indexes look at this and not at the state, so that a move that changes no index stays on its page.
    settled boolean not null generated always as (state in ('told', 'declined', 'withdrawn')) stored,
    check ((state = 'told') = (evidence is not null))
) with (fillfactor = 60);
create index updates_case on updates (force, case_id);
create index updates_person on updates (force, person_id);
create index updates_overdue on updates (due_at) where not late and not settled;

create table messages (
    id uuid primary key,
    force text not null,
    case_id text not null,
    person_id text not null,
    kind text not null check (kind in ('news', 'prompt')),
    channel text not null check (channel in ('sms', 'email')),
    contact_id text not null,
    language text not null,
    style text not null,
    reference text not null unique,
    state text not null check (state in ('planned', 'released', 'sending', 'finished', 'void')),
    epoch int not null default 0,
    release uuid,
    lease_until timestamptz,  -- machine time
    send_at timestamptz not null,  -- case time
    not_before timestamptz,  -- case time: a retry's own time
    due_at timestamptz,  -- case time: the earliest deadline that it serves
    tries int not null default 0,
    detail_id bigint references contact_detail (id),
    template text,
    template_version text,
    subject text,
    body text,
    body_digest text,
    message_id text,  -- for email: the Message-ID header, the same at every attempt
    check_at timestamptz,  -- case time: look for a missing receipt then
    created_at timestamptz not null,  -- case time
    changed_at timestamptz not null  -- case time
);
create index messages_due on messages (greatest(send_at, coalesce(not_before, send_at))) where state = 'planned';
create unique index messages_one_unfinished_a_person on messages (force, person_id) where state in ('released', 'sending');
create index messages_planned_person on messages (force, person_id) where state = 'planned';
create index messages_detail on messages (detail_id) where detail_id is not null;
create index messages_check on messages (check_at) where check_at is not null;
create index messages_mail on messages (message_id) where message_id is not null;

create table message_update (
    message_id uuid not null references messages (id),
    update_id uuid not null references updates (id),
    position smallint not null default 0,  -- in which order they are told
    primary key (message_id, update_id)
);
create index message_update_update on message_update (update_id);

create table attempts (
    id uuid primary key,
    message_id uuid not null references messages (id),
    number int not null,
    channel text not null,
    provider text not null,
    token text not null unique,
    state text not null check (state in
        ('intent', 'accepted', 'sent', 'delivered', 'undelivered', 'refused', 'not_sent', 'unknown', 'absent', 'ghost')),
    provider_id text,
    code text,
    reason text,
    resend_of uuid references attempts (id),
    not_before timestamptz,  -- case time
    at timestamptz not null,  -- case time of the intent
    at_machine timestamptz not null default clock_timestamp(),
    data_started_machine timestamptz,  -- email: committed before the DATA command
    ended_at timestamptz,  -- case time
    ended_machine timestamptz,
    live boolean not null generated always as (state in ('intent', 'accepted', 'sent', 'delivered', 'unknown')) stored,
    unique (message_id, number)
) with (fillfactor = 80);
create unique index attempts_one_live_a_message on attempts (message_id) where live;
-- A mail keeps its Message-ID at every attempt, so only a text's name at the provider is one attempt's alone.
create unique index attempts_provider_id on attempts (provider, provider_id) where provider_id is not null and channel <> 'email';

create table receipts (
    id bigint generated always as identity primary key,
    provider text not null,
    kind text not null check (kind in ('status', 'inbound', 'bounce')),
    token text,
    provider_id text,
    status text,
    code text,
    raw bytea not null,
    received_at timestamptz not null,  -- case time
    received_machine timestamptz not null default clock_timestamp(),
    attempt_id uuid references attempts (id),
    applied_at timestamptz,  -- case time
    outcome text
);
create index receipts_unapplied on receipts (id) where applied_at is null;
create index receipts_attempt on receipts (attempt_id);

-- ---------------------------------------------------------------- what people must do and know
create table holds (
    update_id uuid primary key references updates (id),
    force text not null,
    case_id text not null,
    person_id text not null,
    task text not null,
    queue text not null,
    next_queue text,
    first_queue text,  -- where it began, once it has moved on because nobody took it
    acknowledge_by timestamptz,  -- case time
    unanswered_at timestamptz,  -- case time: the last queue let its time pass too, and somebody was told
    due_at timestamptz,
    target_at timestamptz,
    reasons jsonb not null,
    say jsonb not null,
    never_say jsonb not null,
    taken_by text,
    taken_at timestamptz,
    handed_back boolean not null default false,  -- a person gave it back: the plan decides anew
    opened_at timestamptz not null,
    closed_at timestamptz,
    closed_how text,
    -- Case time: it goes to the next queue then if nobody has taken it; at once where this one can only look after the deadline.
    moves_on_at timestamptz generated always as (
        case when next_queue is not null and least(due_at, target_at) between opened_at and acknowledge_by
            then opened_at else acknowledge_by end) stored
);
create index holds_open on holds (queue, due_at) where closed_at is null;
create index holds_untaken on holds (moves_on_at)
    where closed_at is null and taken_by is null and unanswered_at is null and not handed_back;

create table alerts (
    id uuid primary key default gen_random_uuid(),
    kind text not null,
    about text not null,
    count int not null default 1,
    first_at timestamptz not null,
    last_at timestamptz not null,
    cleared_at timestamptz,
    owner text not null,
    text text not null,
    clears text not null
);
create unique index alerts_open on alerts (kind, about) where cleared_at is null;

create table brakes (
    id uuid primary key default gen_random_uuid(),
    scope text not null check (scope in ('all', 'channel', 'template', 'force')),
    value text not null default '',
    set_by text not null,
    set_at timestamptz not null,
    lift_asked_by text,
    lifted_at timestamptz,
    lifted_by text
);
create unique index brakes_on on brakes (scope, value) where lifted_at is null;

create table outbox (
    id bigint generated always as identity primary key,
    topic text not null,
    keys bytea[] not null,
    records bytea[] not null
);
comment on table outbox is 'What is still to be published, a row a transaction: its records in order, with their keys.';

create table mark (
    name text primary key,
    value text not null
);
comment on table mark is 'What this database is for: the environment, set once by the owner.';

-- ---------------------------------------------------------------- the audit chain
create table audit_stream (
    stream smallint primary key,
    next_index bigint not null default 0,
    tail bytea not null
);
comment on table audit_stream is 'The tail of each gapless stream; locked last, after every other row of a transaction.';

create table audit_entry (
    stream smallint not null references audit_stream (stream),
    index bigint not null,
    at timestamptz not null,  -- machine time
    case_at timestamptz not null,  -- case time
    action text not null,
    force text not null,
    subject text not null,
    actor text not null,
    data text not null,
    hash bytea not null,
    primary key (stream, index)
);
comment on table audit_entry is 'Append-only, hash-chained: each hash covers the one before it. Pseudonymous ids only.';
create index audit_entry_subject on audit_entry (subject);

create function audit_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the audit is append-only: % is refused', tg_op using errcode = 'insufficient_privilege';
end
$$;
create trigger audit_entry_no_change before update or delete on audit_entry
    for each row execute function audit_is_append_only();
create trigger audit_entry_no_truncate before truncate on audit_entry
    for each statement execute function audit_is_append_only();
create trigger audit_stream_no_removal before delete on audit_stream
    for each row execute function audit_is_append_only();
create trigger audit_stream_no_truncate before truncate on audit_stream
    for each statement execute function audit_is_append_only();

insert into audit_stream (stream, tail)
    select n, decode(repeat('00', 32), 'hex') from generate_series(1, 5) n;
