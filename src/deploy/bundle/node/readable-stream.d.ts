// The package ships no declarations: it is Node's own code, and has the types of what it stands for.
declare module 'readable-stream/lib/stream.js' {
  import stream from 'node:stream'

  export default stream
}
