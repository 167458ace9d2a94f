// Ends with one plain sentence when the running Node.js is too old for Pulumi and OpenTelemetry.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 15)) {
  process.stderr.write(
    `Gatehouse needs Node.js 22.15 or newer and found ${process.versions.node}: ` +
      'run it through "npm run" after "npm ci" (which brings Node.js 24 on Linux and Windows), ' +
      'or install Node.js 24.\n',
  );
  process.exit(1);
}
