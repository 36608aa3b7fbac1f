// Preloaded by `wrangler dev`, the leader of a process group: nothing lives on if `npm start` is killed.
process.on('disconnect', () => process.kill(-process.pid, 'SIGKILL'))
process.channel?.unref()
