/** The schema's history. A step that was released never changes; the next one only expands what is there. */

const rawTelemetry = `
  CREATE TABLE hawser.raw_telemetry (
    log_id text NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    topic text NOT NULL,
    qos smallint NOT NULL,
    retain boolean NOT NULL,
    client_id text NOT NULL,
    published_at timestamptz,
    ingested_at timestamptz NOT NULL,
    payload bytea NOT NULL,
    json jsonb,
    reason text,
    PRIMARY KEY (log_id, partition, position)
  );
  COMMENT ON COLUMN hawser.raw_telemetry.published_at IS 'the time that the message itself bears, where it bears one';
  COMMENT ON COLUMN hawser.raw_telemetry.json IS 'the payload, where it is strict JSON that jsonb can hold; else see reason';
  CREATE INDEX raw_telemetry_ingested_at ON hawser.raw_telemetry USING brin (ingested_at)`

const cursors = `
  CREATE TABLE hawser.connectors (
    connector text PRIMARY KEY,
    epoch bigint NOT NULL
  );
  COMMENT ON COLUMN hawser.connectors.epoch IS 'grows with each owner: a late write of an earlier one fails';
  CREATE TABLE hawser.cursors (
    connector text NOT NULL REFERENCES hawser.connectors,
    log_id text NOT NULL,
    partition integer NOT NULL,
    epoch bigint NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (connector, log_id, partition)
  );
  COMMENT ON COLUMN hawser.cursors.position IS 'the next position to read';
  CREATE TABLE hawser.dead_letters (
    connector text NOT NULL,
    log_id text NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    topic text NOT NULL,
    ingested_at timestamptz NOT NULL,
    reason text NOT NULL,
    payload bytea NOT NULL,
    PRIMARY KEY (connector, log_id, partition, position)
  )`

const kpis = `
  CREATE TABLE hawser.kpi_windows (
    specification text NOT NULL,
    version integer NOT NULL,
    key text NOT NULL,
    window_start_micros bigint NOT NULL,
    window_end_micros bigint NOT NULL,
    revision bigint NOT NULL,
    final boolean NOT NULL,
    readings bigint NOT NULL,
    flagged bigint NOT NULL,
    calendar_micros bigint NOT NULL,
    known_micros bigint NOT NULL,
    known_calendar_micros bigint NOT NULL,
    planned_busy_micros bigint NOT NULL,
    producing_micros bigint NOT NULL,
    produced bigint NOT NULL,
    produced_apart bigint NOT NULL,
    produced_planned_micros bigint NOT NULL,
    scrap bigint NOT NULL,
    scrap_apart bigint NOT NULL,
    scrap_planned_micros bigint NOT NULL,
    counter_resets bigint NOT NULL,
    counter_jumps bigint NOT NULL,
    scrap_measured bigint NOT NULL,
    alarm_edges bigint NOT NULL,
    PRIMARY KEY (specification, version, key, window_start_micros)
  );
  CREATE TABLE hawser.kpi_measures (
    specification text NOT NULL,
    version integer NOT NULL,
    key text NOT NULL,
    window_start_micros bigint NOT NULL,
    window_end_micros bigint NOT NULL,
    revision bigint NOT NULL,
    final boolean NOT NULL,
    measure text NOT NULL,
    unit text NOT NULL,
    scale integer NOT NULL,
    n bigint NOT NULL,
    sum bigint NOT NULL,
    min bigint NOT NULL,
    max bigint NOT NULL,
    PRIMARY KEY (specification, version, key, window_start_micros, measure)
  );
  CREATE TABLE hawser.kpi_states (
    specification text NOT NULL,
    version integer NOT NULL,
    key text NOT NULL,
    state text NOT NULL,
    PRIMARY KEY (specification, version, key)
  );
  COMMENT ON TABLE hawser.kpi_states IS 'what stage A remembers of each machine, committed with its rows and its cursor';
  CREATE TABLE hawser.alarms (
    specification text NOT NULL,
    version integer NOT NULL,
    key text NOT NULL,
    event_id text NOT NULL,
    event_time_micros bigint NOT NULL,
    PRIMARY KEY (specification, version, key, event_id)
  );
  CREATE INDEX alarms_event_time ON hawser.alarms (event_time_micros);
  CREATE TABLE hawser.late_records (
    specification text NOT NULL,
    version integer NOT NULL,
    event_id text NOT NULL,
    key text NOT NULL,
    reason text NOT NULL,
    event_time_micros bigint NOT NULL,
    append_time_micros bigint NOT NULL,
    PRIMARY KEY (specification, version, event_id)
  );
  COMMENT ON COLUMN hawser.late_records.reason IS 'late: older than the lateness; future: ahead of the clock; sealed: its window was closed for good'`

export interface Migration {
  /** One more than the one before. */
  readonly version: number
  /** Statements, parted by semicolons at line ends. */
  readonly sql: string
}

export const migrations: readonly Migration[] = [{ version: 1, sql: [rawTelemetry, cursors, kpis].join(';\n') }]
