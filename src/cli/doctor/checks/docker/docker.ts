import type { EngineExaminer } from '../../../../runtime/drivers/docker/doctor/examine.ts'
import type { EngineInfo } from '../../../../runtime/drivers/docker/doctor/examined.ts'
import type { EngineAddress } from '../../../../runtime/drivers/docker/engine/address.ts'
import type { Check } from '../../check.ts'
import type { Surroundings } from '../../surroundings.ts'
import { diskChecks } from './disk.ts'
import { engineCheck } from './engine.ts'
import { gatewaysCheck } from './gateways.ts'
import { imageChecks } from './images.ts'
import { limitsCheck } from './limits.ts'
import { networksCheck } from './networks.ts'

/** Everything about the Docker engine, once it answers. */
export function dockerCheck(at: Surroundings): Check {
  return engineCheck(at, (engine: EngineExaminer, address: EngineAddress) => {
    let asked: Promise<EngineInfo> | null = null
    const info = () => {
      asked ??= engine.info()
      return asked
    }
    return [
      limitsCheck(info),
      ...diskChecks(engine, address, info),
      ...imageChecks(at, engine),
      networksCheck(engine, info),
      gatewaysCheck(at, engine),
    ]
  })
}
