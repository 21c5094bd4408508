/**
 * Migration 1. The rules that must hold whatever process writes are here: one callback per route, one build and
 * one active version per callback, a revision that counts every change.
 * The wide columns (`library`, `code`) come last, so that reading the others leaves their pages alone.
 */
export const SCHEMA: readonly string[] = [
  `CREATE TABLE revision (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    value INTEGER NOT NULL
  )`,
  'INSERT INTO revision (id, value) VALUES (1, 0)',

  `CREATE TABLE chatroom (
    chatroom_id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    callback_id INTEGER REFERENCES callback_info (callback_id) ON DELETE SET NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
  )`,
  'CREATE INDEX chatroom_callback ON chatroom (callback_id)',

  `CREATE TABLE chats (
    chat_id INTEGER PRIMARY KEY AUTOINCREMENT,
    chatroom_id INTEGER NOT NULL REFERENCES chatroom (chatroom_id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    content TEXT NOT NULL,
    created_at TEXT NOT NULL
  )`,
  'CREATE INDEX chats_chatroom ON chats (chatroom_id, chat_id)',

  `CREATE TABLE callback_info (
    callback_id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL,
    route_key TEXT NOT NULL,
    method TEXT NOT NULL,
    type TEXT NOT NULL,
    env TEXT NOT NULL,
    c_type TEXT,
    status TEXT NOT NULL DEFAULT 'pending',
    version INTEGER,
    chat_id INTEGER REFERENCES chatroom (chatroom_id) ON DELETE SET NULL,
    limits TEXT NOT NULL,
    response_mode TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    library TEXT,
    code TEXT NOT NULL
  )`,
  'CREATE UNIQUE INDEX callback_route ON callback_info (route_key, method)',
  'CREATE INDEX callback_chatroom ON callback_info (chat_id)',
  // 1001 and 1002 are the examples of db:seed.
  "INSERT INTO sqlite_sequence (name, seq) VALUES ('callback_info', 1002)",

  // Outlives its callback: an id that is given again (an example, seeded anew) goes on counting.
  `CREATE TABLE version_counter (
    callback_id INTEGER PRIMARY KEY,
    last INTEGER NOT NULL
  )`,

  `CREATE TABLE artifact (
    digest TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    reference TEXT,
    parts INTEGER,
    put_at TEXT
  )`,
  `CREATE TABLE artifact_part (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL REFERENCES artifact (digest) ON DELETE CASCADE,
    name TEXT NOT NULL,
    part INTEGER NOT NULL,
    content BLOB NOT NULL
  )`,
  'CREATE UNIQUE INDEX artifact_part_name ON artifact_part (digest, name, part)',

  `CREATE TABLE deployment (
    callback_id INTEGER NOT NULL REFERENCES callback_info (callback_id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    runtime TEXT NOT NULL,
    path TEXT NOT NULL,
    method TEXT NOT NULL,
    type TEXT NOT NULL,
    env TEXT NOT NULL,
    limits TEXT NOT NULL,
    response_mode TEXT NOT NULL,
    artifact TEXT REFERENCES artifact (digest) ON DELETE SET NULL,
    status TEXT NOT NULL,
    step TEXT NOT NULL,
    error TEXT,
    timings TEXT NOT NULL,
    owner TEXT NOT NULL,
    lease_until INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    finished_at TEXT,
    library TEXT,
    code TEXT NOT NULL,
    PRIMARY KEY (callback_id, version)
  )`,
  "CREATE UNIQUE INDEX deployment_build ON deployment (callback_id) WHERE status = 'build'",
  "CREATE UNIQUE INDEX deployment_active ON deployment (callback_id) WHERE status = 'active'",
  'CREATE INDEX deployment_artifact ON deployment (artifact)',

  `CREATE TABLE build_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    callback_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    line TEXT NOT NULL,
    FOREIGN KEY (callback_id, version) REFERENCES deployment (callback_id, version) ON DELETE CASCADE
  )`,
  'CREATE INDEX build_log_deployment ON build_log (callback_id, version, id)',

  `CREATE TABLE invocation (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    callback_id INTEGER NOT NULL REFERENCES callback_info (callback_id) ON DELETE CASCADE,
    request_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    runtime TEXT NOT NULL,
    instance_id TEXT,
    status INTEGER NOT NULL,
    lambda_status_code INTEGER NOT NULL,
    start TEXT,
    phases TEXT NOT NULL,
    peak_memory_mb REAL,
    outcome TEXT NOT NULL,
    error TEXT,
    time TEXT NOT NULL
  )`,
  'CREATE INDEX invocation_callback ON invocation (callback_id, id)',

  `CREATE TABLE log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    callback_id INTEGER NOT NULL REFERENCES callback_info (callback_id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    instance_id TEXT NOT NULL,
    request_id TEXT,
    level TEXT NOT NULL,
    time TEXT NOT NULL,
    message TEXT NOT NULL
  )`,
  'CREATE INDEX log_callback ON log (callback_id, id)',

  `CREATE TABLE instance_exit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    callback_id INTEGER NOT NULL REFERENCES callback_info (callback_id) ON DELETE CASCADE,
    instance_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    runtime TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    "limit" REAL,
    used REAL,
    cpu_ms REAL,
    peak_memory_mb REAL,
    last_request_id TEXT,
    requests INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT NOT NULL
  )`,
  'CREATE INDEX instance_exit_callback ON instance_exit (callback_id, id)',

  ...['INSERT', 'UPDATE', 'DELETE'].map((event) => counting('callback_info', event)),
  ...['INSERT', 'UPDATE OF status', 'DELETE'].map((event) => counting('deployment', event)),

  `CREATE TRIGGER callback_in_chatroom AFTER INSERT ON callback_info WHEN NEW.chat_id IS NOT NULL BEGIN
    UPDATE chatroom SET callback_id = NEW.callback_id, updated_at = NEW.created_at
    WHERE chatroom_id = NEW.chat_id;
  END`,
]

/** Migration 2: the ledger shows what an instance printed last. */
export const LAST_LOGS: readonly string[] = [
  "ALTER TABLE instance_exit ADD COLUMN last_logs TEXT NOT NULL DEFAULT '[]'",
]

function counting(table: string, event: string): string {
  const name = `${table}_${event.split(' ')[0]!.toLowerCase()}_counts`
  return `CREATE TRIGGER ${name} AFTER ${event} ON ${table} BEGIN UPDATE revision SET value = value + 1; END`
}
