import { isKnownDead, machineOf } from '../../../owner.ts'
import { type Engine, statusOf } from '../engine/engine.ts'

/** Whose containers a sweep ends. */
export type Whose = 'own' | 'orphans'

/**
 * Ends containers of this gateway: `orphans` are those of processes that are known to be dead, `own` those of this one.
 * Of a process on another machine nothing is known: its containers end with their input.
 * @throws the engine's own error
 */
export async function sweepContainers(engine: Engine, whose: Whose): Promise<number> {
  const { gateway, owner } = engine.identity
  const filters = { label: [`faas.gateway=${gateway}`] }
  const all = await engine.docker.listContainers({ all: true, filters })
  const owners = [...new Set(all.map(({ Labels }) => Labels['faas.owner'] ?? ''))]
  const dead = new Set<string>()
  for (const other of owners) {
    const gone =
      other !== owner && (isKnownDead(other, owner) || (await wasContainer(engine, machineOf(other))))
    if (whose === 'own' ? other === owner : gone) dead.add(other)
  }
  const doomed = all.filter(({ Labels }) => dead.has(Labels['faas.owner'] ?? ''))
  await Promise.all(
    doomed.map(({ Id }) =>
      engine.docker
        .getContainer(Id)
        .remove({ force: true, v: true })
        .catch(() => undefined),
    ),
  )
  return doomed.length
}

/** A gateway in a container of this engine has the container's id for a host name: is that one no more? */
async function wasContainer(engine: Engine, machine: string): Promise<boolean> {
  if (!/^[0-9a-f]{12}$/.test(machine)) return false
  try {
    return !(await engine.docker.getContainer(machine).inspect()).State.Running
  } catch (error) {
    return statusOf(error) === 404
  }
}
