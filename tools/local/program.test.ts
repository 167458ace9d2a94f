import { ORDERS, ExamplePlatform, withCommand } from './testing/examples';

describe('readStack', () => {
  let example: ExamplePlatform;
  beforeEach(() => {
    example = new ExamplePlatform();
  });
  afterEach(() => example.close());

  it('says what to add to a workload file without a local command', async () => {
    await expect(example.start(ORDERS.replace(/^local:.*$/m, ''))).rejects.toThrow(
      'local: { command: [python3, app.py] }',
    );
  });

  it.each([
    [['no-such-program'], 'no-such-program was not found'],
    [['node', '-e', 'console.error("no database"); process.exit(1)'], 'no database'],
  ])('leads to a start that says at once why %j does not run', async (command, message) => {
    await expect(example.start(withCommand(command))).rejects.toThrow(message);
  });
});
