import type { Callback } from '../domain/callback.ts'
import type { CType } from '../domain/runtime-name.ts'

/** What the API asks of the deploy side. `pipeline.ts` implements it. */
export interface Deployer {
  /**
   * Opens a build and answers at once with the callback in status `build`; the build goes on behind.
   * @throws GatewayError not_found, build_running, runtime_unavailable (422, what is missing and what to start)
   */
  deploy(callbackId: number, cType: CType): Promise<Callback>
  /** Stops serving a callback and ends what runs for it. @throws GatewayError not_found, build_running */
  undeploy(callbackId: number): Promise<Callback>
  /** Ends what runs for a callback and deletes it. @throws GatewayError not_found, delete_while_building */
  remove(callbackId: number): Promise<void>
  /** The same for a callback that may be building: its build is given up first. For the chatroom cascade. */
  removeForced(callbackId: number): Promise<void>
  /** Resolves when no build of that callback runs any more, or after `ms`. */
  settled(callbackId: number, ms: number): Promise<void>
}

/** One message of a build's progress, as /deploy/ws and /deploy/events send it. */
export type DeployMessage =
  | {
      type: 'status'
      callback_id: number
      status: 'start' | 'building' | 'import' | 'success' | 'failed'
      message: string
    }
  | { type: 'log'; callback_id: number; message: string }
  | { type: 'error'; callback_id: number; message: string }

/** Where builds tell their progress and listeners hear it. Listeners cannot break a build. */
export interface DeployFeed {
  publish(message: DeployMessage): void
  /** @returns a function that ends the subscription */
  subscribe(listener: (message: DeployMessage) => void): () => void
}
