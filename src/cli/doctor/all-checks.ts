import type { Check } from './check.ts'
import { buildCaCheck } from './checks/build-ca.ts'
import { clusterCheck } from './checks/cluster/cluster.ts'
import { dataDirCheck } from './checks/data-dir.ts'
import { databaseCheck } from './checks/database.ts'
import { dockerCheck } from './checks/docker/docker.ts'
import { isolateChecks } from './checks/isolates.ts'
import { machineChecks } from './checks/machine.ts'
import { portCheck } from './checks/port.ts'
import { registryChecks } from './checks/registries.ts'
import { settingsCheck } from './checks/settings.ts'
import type { Surroundings } from './surroundings.ts'

/** Everything that is looked at, in the order of the report. */
export function allChecks(at: Surroundings): Check[] {
  return [
    settingsCheck(at),
    ...machineChecks(at),
    portCheck(at),
    dataDirCheck(at),
    databaseCheck(at),
    ...isolateChecks(at),
    ...registryChecks(at),
    buildCaCheck(at),
    dockerCheck(at),
    clusterCheck(at),
  ]
}
