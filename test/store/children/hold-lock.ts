// Holds the write lock of a database until it is killed: hold-lock.ts FILE
import { DatabaseSync } from 'node:sqlite'

const database = new DatabaseSync(process.argv[2]!)
database.exec('BEGIN IMMEDIATE')
console.log('held')
setInterval(() => database.prepare('SELECT 1').get(), 1000)
