// Preloaded: Ctrl-C while the first step of the start runs, however slow who presses it may be.
const { write } = process.stderr;
process.stderr.write = (text) => {
  process.stderr.write = write;
  process.kill(process.pid, 'SIGINT');
  return write.call(process.stderr, text);
};
