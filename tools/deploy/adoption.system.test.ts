// What a new stack takes over: the lines that destroy prints make the program import, and up looks before.
import { stackOf } from '../../infra/testing/stacks';
import { adoptionLines, refuseBadAdoption } from './adoption';
import { inventoryOf } from './inventory';
import { Bench, type Run } from './testing/command';

const ID = '1234abcd-12ab-34cd-56ef-1234567890ab';

describe('adoptionLines', () => {
  it('make a new stack import every table and key that prod retains', async () => {
    const { resources } = (await stackOf('prod')).recording;
    const state = {
      resources: resources.map(({ urn, type, inputs, outputs, options }) => ({
        urn,
        type,
        id: String(outputs.id),
        custom: type.startsWith('aws:'),
        inputs,
        outputs,
        retainOnDelete: options.retainOnDelete,
      })),
      pending: [],
    };
    const lines = adoptionLines('prod', inventoryOf(state, 'eu-central-1'));
    const config: Record<string, Record<string, string>> = { adoptTables: {}, adoptKeys: {} };
    for (const line of lines) {
      const [, setting = '', name = '', id = ''] =
        /^npx pulumi config set --stack prod --path gatehouse:(\w+)\.(\S+) (\S+)$/.exec(line) ?? [];
      Object.assign(config[setting] ?? {}, { [name]: id });
    }
    const again = await stackOf('prod', config);
    const imported = again.recording.resources.filter(({ options }) => options.import);
    expect(imported.map(({ urn }) => urn).sort()).toEqual(
      resources
        .filter(({ type }) => /:(Table|Key|ReplicaKey)$/.test(type))
        .map(({ urn }) => urn)
        .sort(),
    );
    expect(again.one('dynamodb/table:Table', '-users').outputs).toMatchObject({
      name: config.adoptTables?.users,
    });
    expect(again.one('kms/key:Key', 'gh-tables-us-east-1')).toMatchObject({
      options: { import: `${config.adoptKeys?.['tables-us-east-1']}@us-east-1` },
      outputs: { id: config.adoptKeys?.['tables-us-east-1'] },
    });
  });

  it('quote what a shell would read something into, and leave out what has no name', () => {
    const at = { region: 'eu-central-1', id: 'gh-users-1' };
    expect(adoptionLines('my stack', { tables: [{ ...at, name: 'users' }, at], keys: [] })).toEqual(
      ["npx pulumi config set --stack 'my stack' --path gatehouse:adoptTables.users gh-users-1"],
    );
  });
});

describe('refuseBadAdoption', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await Bench.start();
    const tags = {};
    bench.aws.account.tables = [
      { region: 'eu-central-1', name: 'gh-users-1', tags, protected: true },
    ];
    bench.aws.account.keys = [{ region: 'us-east-1', id: ID, tags, state: 'Enabled' }];
    stateHolds([]);
  });
  afterEach(() => bench.end());

  function stateHolds(resources: object[]): void {
    bench.script({ 'stack export': [{ stdout: JSON.stringify({ deployment: { resources } }) }] });
  }

  const look = (tables: Record<string, string>, keys: Record<string, string> = {}): Promise<Run> =>
    bench.run('up', {
      summary: '',
      help: '',
      run: (context) => refuseBadAdoption(context, { tables, keys }).then(() => 0),
    });

  it('passes what is there, each in its region', async () => {
    expect(await look({ users: 'gh-users-1' }, { 'tables-us-east-1': ID })).toEqual({
      code: 0,
      out: '',
      err: '',
    });
  });

  it('asks nobody when nothing is adopted', async () => {
    expect((await look({})).code).toBe(0);
    expect(bench.aws.calls).toEqual([]);
  });

  it('says what is missing, and where to look', async () => {
    const { code, err } = await look({ users: 'gh-users-2' }, { tables: ID });
    expect(code).toBe(1);
    expect(err).toContain(
      'gatehouse:adoptTables.users names the table gh-users-2, which is not in',
    );
    expect(err).toContain(`names the KMS key ${ID}, which is not in eu-central-1`);
    expect(err).toContain('"aws dynamodb list-tables --region eu-central-1"');
  });

  it('waits for no restore, but says how to', async () => {
    const [table] = bench.aws.account.tables;
    if (table !== undefined) table.status = 'CREATING';
    const { err } = await look({ users: 'gh-users-1' });
    expect(err).toContain('is CREATING: a restore takes from minutes to hours');
    expect(err).toContain('"aws dynamodb wait table-exists --region eu-central-1');
  });

  it('says how a key is called back that waits for its deletion', async () => {
    const [key] = bench.aws.account.keys;
    if (key !== undefined) key.state = 'PendingDeletion';
    const { err } = await look({}, { 'telemetry-us-east-1': ID });
    expect(err).toContain(
      `is PendingDeletion, so nothing under it can be read: "aws kms cancel-key-deletion --region us-east-1 --key-id ${ID} && aws kms enable-key`,
    );
  });

  it('refuses to take the place of a table that would be deleted, and of no other', async () => {
    const present = (retainOnDelete: boolean, id = 'gh-users-0') => ({
      urn: 'urn:pulumi:dev::gatehouse::gatehouse:infra:Data$aws:dynamodb/table:Table::gh-users',
      type: 'aws:dynamodb/table:Table',
      id,
      custom: true,
      retainOnDelete,
    });
    stateHolds([present(false)]);
    const { code, err } = await look({ users: 'gh-users-1' });
    expect(code).toBe(1);
    expect(err).toContain('puts gh-users-1 in the place of gh-users-0, which would be deleted');
    expect(err).toContain('gatehouse:protect true');
    stateHolds([present(true)]);
    expect((await look({ users: 'gh-users-1' })).code).toBe(0);
    stateHolds([present(false, 'gh-users-1')]);
    expect((await look({ users: 'gh-users-1' })).code).toBe(0);
  });
});
