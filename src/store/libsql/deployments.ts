import type { DeploymentStore } from '../store.ts'
import { buildStore } from './builds.ts'
import { insertRows } from './bulk.ts'
import type { Database } from './database.ts'
import { type PagedQuery, readRows } from './pages.ts'
import { DEPLOYMENT_COLUMNS, toDeployment } from './rows.ts'
import { sql } from './statement.ts'
import { decodeText, encodeText } from './text.ts'

/** Deployments in the table `deployment`: what is read of them, and their logs. `builds.ts` is what changes them. */
export function deploymentStore(database: Database): DeploymentStore {
  return {
    ...buildStore(database),

    async get(callbackId, version) {
      const [row] = await database.read(
        sql(`SELECT ${DEPLOYMENT_COLUMNS.all} ${DEPLOYMENT}`, { id: callbackId, version }),
      )
      return row === undefined ? null : toDeployment(row)
    },

    async list(callbackId) {
      const rows = await readRows(database, {
        text: `SELECT ${DEPLOYMENT_COLUMNS.withoutCode} FROM deployment
          WHERE callback_id = :id AND version < :after ORDER BY version DESC LIMIT :rows`,
        values: { id: callbackId },
        start: Number.MAX_SAFE_INTEGER,
        key: (row) => Number(row.version),
      })
      return rows.map(toDeployment)
    },

    async active() {
      const rows = await readRows(database, byCallback(DEPLOYMENT_COLUMNS.withoutCode, 'active'))
      return rows.map(toDeployment)
    },

    async open_builds() {
      const rows = await readRows(database, byCallback(DEPLOYMENT_COLUMNS.all, 'build'))
      return rows.map(toDeployment)
    },

    async withLibrary(callbackId, library) {
      const [row] = await database.read(
        sql(
          `SELECT ${DEPLOYMENT_COLUMNS.all} FROM deployment
          WHERE callback_id = :id AND artifact IS NOT NULL AND library = :library
          ORDER BY version DESC LIMIT 1`,
          { id: callbackId, library: encodeText(library) },
        ),
      )
      return row === undefined ? null : toDeployment(row)
    },

    async appendLog(callbackId, version, lines) {
      await insertRows(
        database,
        `INSERT INTO build_log (callback_id, version, line)
        SELECT :id, :version, line.value FROM json_each(:rows) AS line
        WHERE EXISTS (SELECT 1 ${DEPLOYMENT}) ORDER BY line.key`,
        lines.map(encodeText),
        { id: callbackId, version },
      )
    },

    async log(callbackId, version) {
      const values = { id: callbackId, version }
      const rows = await readRows(database, {
        text: `SELECT id, line FROM build_log WHERE callback_id = :id AND version = :version AND id > :after
          ORDER BY id LIMIT :rows`,
        values,
        start: 0,
        key: (row) => Number(row.id),
      })
      if (rows.length === 0 && (await database.read(sql(`SELECT 1 ${DEPLOYMENT}`, values))).length === 0) {
        return null
      }
      return rows.map((row) => decodeText(String(row.line)))
    },
  }
}

const DEPLOYMENT = 'FROM deployment WHERE callback_id = :id AND version = :version'

/** At most one deployment of a callback is `active`, and one `build`. */
function byCallback(columns: string, status: 'active' | 'build'): PagedQuery {
  return {
    text: `SELECT ${columns} FROM deployment WHERE status = '${status}' AND callback_id > :after
      ORDER BY callback_id LIMIT :rows`,
    values: {},
    start: 0,
    key: (row) => Number(row.callback_id),
  }
}
