import type { BuildError } from '../../domain/deployment.ts'
import { BuildRunning, type DeploymentStore, NotFound } from '../store.ts'
import { now } from './clock.ts'
import type { Database } from './database.ts'
import { CALLBACK_COLUMNS, DEPLOYMENT_COLUMNS, toCallback, toDeployment } from './rows.ts'
import { type SqlValue, sql } from './statement.ts'

type BuildStore = Pick<
  DeploymentStore,
  'open' | 'progress' | 'takeOver' | 'activate' | 'fail' | 'retire' | 'setStatus'
>

/**
 * The life of a build. Each change is one batch whose statements share a guard; the one that ends the guard's
 * truth comes last, so that either all of them take effect or none.
 */
export function buildStore(database: Database): BuildStore {
  return {
    async open(callbackId, as) {
      const values = { id: callbackId, ...as, now: now(), ...lost() }
      const [, , , opened, found] = await database.write([
        sql(FAIL_LOST_BUILD, values),
        sql(
          `UPDATE callback_info SET status = 'build', c_type = :c_type, updated_at = :now
          WHERE callback_id = :id AND ${NO_BUILD}`,
          values,
        ),
        sql(
          `INSERT INTO version_counter (callback_id, last)
          SELECT callback_id, 1 ${CALLBACK} AND ${NO_BUILD}
          ON CONFLICT (callback_id) DO UPDATE SET last = last + 1`,
          values,
        ),
        sql(
          `INSERT INTO deployment (callback_id, version, runtime, path, method, type, code, library, env, limits,
            response_mode, status, step, timings, owner, lease_until, created_at)
          SELECT callback_id, last, :runtime, path, method, type, code, library, env, limits,
            response_mode, 'build', 'validate', '{}', :owner, :lease_until, :now
          FROM callback_info JOIN version_counter USING (callback_id)
          WHERE callback_id = :id AND ${NO_BUILD} RETURNING ${DEPLOYMENT_COLUMNS.all}`,
          values,
        ),
        sql(`SELECT 1 ${CALLBACK}`, values),
      ])
      const [row] = opened!
      if (row !== undefined) return toDeployment(row)
      throw found!.length === 0 ? new NotFound('callback') : running(callbackId)
    },

    async progress(callbackId, version, patch) {
      const columns: Record<string, SqlValue> = {}
      for (const [name, value] of Object.entries(patch)) {
        columns[name] = name === 'timings' ? JSON.stringify(value) : (value as SqlValue)
      }
      const names = Object.keys(columns)
      if (names.length === 0) return
      const values = { ...columns, id: callbackId, version }
      const update = sql(
        `UPDATE deployment SET ${names.map((name) => `${name} = :${name}`).join(', ')} WHERE ${OPEN_BUILD}`,
        values,
      )
      await database.write(
        typeof patch.artifact === 'string' ? [update, sql(CLAIM_ARTIFACT, values)] : [update],
      )
    },

    async takeOver(callbackId, version, from, to) {
      const values = { id: callbackId, version, ...to, from: from.owner, until: from.lease_until }
      const [taken] = await database.write([
        sql(
          `UPDATE deployment SET owner = :owner, lease_until = :lease_until
          WHERE ${OPEN_BUILD} AND owner = :from AND lease_until = :until RETURNING version`,
          values,
        ),
      ])
      return taken!.length === 1
    },

    async activate(callbackId, version, owner, timings) {
      const values = { id: callbackId, version, owner, timings: JSON.stringify(timings), now: now() }
      const owned = `EXISTS (SELECT 1 FROM deployment WHERE ${OPEN_BUILD} AND owner = :owner)`
      const [, , activated] = await database.write([
        sql(
          `UPDATE callback_info SET status = 'deployed', version = :version, updated_at = :now
          WHERE callback_id = :id AND ${owned}`,
          values,
        ),
        sql(
          `UPDATE deployment SET status = 'retired'
          WHERE callback_id = :id AND status = 'active' AND ${owned}`,
          values,
        ),
        sql(
          `UPDATE deployment SET status = 'active', step = 'activate', timings = :timings, finished_at = :now
          WHERE ${OPEN_BUILD} AND owner = :owner RETURNING version`,
          values,
        ),
      ])
      return activated!.length > 0
    },

    async fail(callbackId, version, error, timings) {
      const values = {
        id: callbackId,
        version,
        error: JSON.stringify(error),
        timings: JSON.stringify(timings),
        now: now(),
      }
      await database.write([
        sql(
          `UPDATE callback_info SET status = 'failed', updated_at = :now
          WHERE callback_id = :id AND EXISTS (SELECT 1 FROM deployment WHERE ${OPEN_BUILD})`,
          values,
        ),
        sql(
          `UPDATE deployment SET status = 'failed', error = :error, timings = :timings, finished_at = :now
          WHERE ${OPEN_BUILD}`,
          values,
        ),
      ])
    },

    async retire(callbackId) {
      const values = { id: callbackId, now: now(), ...lost() }
      const [, , retired, found] = await database.write([
        sql(FAIL_LOST_BUILD, values),
        sql(
          `UPDATE deployment SET status = 'retired'
          WHERE callback_id = :id AND status = 'active' AND ${NO_BUILD}`,
          values,
        ),
        sql(
          `UPDATE callback_info SET status = 'undeployed', version = NULL, updated_at = :now
          WHERE callback_id = :id AND ${NO_BUILD} RETURNING ${CALLBACK_COLUMNS.all}`,
          values,
        ),
        sql(`SELECT 1 ${CALLBACK}`, values),
      ])
      const [row] = retired!
      if (row !== undefined) return toCallback(row)
      throw found!.length === 0 ? new NotFound('callback') : running(callbackId)
    },

    async setStatus(callbackId, status) {
      await database.write([
        sql('UPDATE callback_info SET status = :status, updated_at = :now WHERE callback_id = :id', {
          id: callbackId,
          status,
          now: now(),
        }),
      ])
    },
  }
}

const CALLBACK = 'FROM callback_info WHERE callback_id = :id'

const NO_BUILD = "NOT EXISTS (SELECT 1 FROM deployment WHERE callback_id = :id AND status = 'build')"

const OPEN_BUILD = "callback_id = :id AND version = :version AND status = 'build'"

/** What a build names is swept with it, no longer as something that nobody has named yet. */
const CLAIM_ARTIFACT = `UPDATE artifact SET put_at = NULL WHERE digest = :artifact
  AND EXISTS (SELECT 1 FROM deployment WHERE ${OPEN_BUILD} AND artifact = :artifact)`

const FAIL_LOST_BUILD = `UPDATE deployment SET status = 'failed', finished_at = :now,
    error = json_set(:lost, '$.step', step)
  WHERE callback_id = :id AND status = 'build' AND lease_until <= :clock`

/** The error of a build whose gateway is gone; `step` is filled in from the record. */
function lost(): { lost: string; clock: number } {
  const error: Omit<BuildError, 'step'> = {
    code: 'build_lost',
    message: 'The gateway that ran this build stopped before it ended: deploy again',
  }
  return { lost: JSON.stringify(error), clock: Date.now() }
}

function running(callbackId: number): BuildRunning {
  return new BuildRunning(`callback ${callbackId} has a build that is running`)
}
