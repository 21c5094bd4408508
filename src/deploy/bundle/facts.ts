const ALONE = '{isMaster:true,isPrimary:true,isWorker:false,worker:undefined,workers:{}}'
const MAIN_THREAD = '{isMainThread:true,parentPort:null,threadId:0,workerData:null}'

/**
 * What is true of absent built-ins all the same, as source of an object: packages ask it while they load, to
 * learn where they are.
 */
export const ABSENT_FACTS: Readonly<Record<string, string>> = {
  cluster: ALONE,
  fs: '{existsSync:()=>false}',
  tty: '{isatty:()=>false}',
  worker_threads: MAIN_THREAD,
}
