// Preloaded by `wrangler dev`, the leader of a process group: nothing lives on if `npm start` is killed, which closes
// its end of this pipe.
process.stdin.on('end', () => process.kill(-process.pid, 'SIGKILL')).resume()
process.stdin.unref()
