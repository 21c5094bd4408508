// @slow
import { serverContract } from './server.ts'

serverContract('http')
