// Spans and durations of AWS calls, against the embedded DynamoDB and KMS.
import {
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { trace } from '@opentelemetry/api';
import { SERVICE_METRICS } from '../../../../contracts/metrics';
import { startAwsEndpoint } from '../../../../tools/local/aws/endpoint';
import type { AwsEndpoint } from '../../../../tools/local/aws/endpoint';
import { AwsFault } from '../../../../tools/local/aws/faults';
import { pointsOf, startCollector } from '../../../testing/collector';
import type { Collector } from '../../../testing/collector';
import { telemetryOf } from '../../../testing/telemetry';
import type { Telemetry } from '../telemetry';

const TABLE = 'things';

describe('instrumentAwsClient', () => {
  let aws: AwsEndpoint;
  let collector: Collector;
  let telemetry: Telemetry;
  let dynamodb: DynamoDBClient;
  let kms: KMSClient;
  beforeAll(async () => {
    aws = await startAwsEndpoint();
    collector = await startCollector();
    telemetry = telemetryOf({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    const options = {
      region: 'us-east-1',
      endpoint: aws.url,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      maxAttempts: 1,
    };
    dynamodb = new DynamoDBClient(options);
    kms = new KMSClient(options);
    telemetry.instrument(dynamodb, 'DynamoDB');
    telemetry.instrument(kms, 'KMS');
    await dynamodb.send(
      new CreateTableCommand({
        TableName: TABLE,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
  });
  afterEach(() => {
    aws.inject = undefined;
  });
  afterAll(async () => {
    dynamodb.destroy();
    kms.destroy();
    await telemetry.shutdown(60_000);
    collector.close();
    await aws.close();
  });

  /** Runs calls below a span, and returns the spans that they made with what they hang on. */
  async function below(calls: () => Promise<unknown>) {
    collector.spans.length = 0;
    let parent = '';
    await trace.getTracer('under-test').startActiveSpan('request', async (span) => {
      parent = span.spanContext().spanId;
      await calls();
      span.end();
    });
    await telemetry.flush(60_000);
    const made = collector.spans.filter(({ kind }) => kind === 3);
    expect(made.map(({ parentSpanId }) => parentSpanId)).toEqual(made.map(() => parent));
    return made;
  }
  const getItem = () =>
    dynamodb.send(new GetItemCommand({ TableName: TABLE, Key: { id: { S: 's3cret' } } }));

  it('names operation and table, also of a transaction, and neither key nor address', async () => {
    const [get, write, list] = await below(async () => {
      await getItem();
      await dynamodb.send(
        new TransactWriteItemsCommand({
          TransactItems: [{ Put: { TableName: TABLE, Item: { id: { S: 's3cret' } } } }],
        }),
      );
      await dynamodb.send(new ListTablesCommand({}));
    });
    expect([get?.name, write?.name, list?.name]).toEqual([
      'GetItem things',
      'TransactWriteItems things',
      'ListTables',
    ]);
    expect(get?.attributes).toEqual({
      'db.system.name': 'aws.dynamodb',
      'db.operation.name': 'GetItem',
      'db.collection.name': TABLE,
      'aws.service': 'DynamoDB',
      'aws.request_id': expect.stringMatching(/^[\w-]{10,}$/) as string,
      'http.response.status_code': 200,
    });
    expect(list?.attributes).not.toHaveProperty(['db.collection.name']);
    const points = pointsOf(collector.metrics.get(SERVICE_METRICS.databaseDuration.name));
    expect(points.map(({ attributes }) => attributes)).toContainEqual({
      'db.system.name': 'aws.dynamodb',
      'db.operation.name': 'GetItem',
      'db.collection.name': TABLE,
    });
    expect(collector.text).not.toMatch(/s3cret|127\.0\.0\.1/);
  });

  it('keeps of an error its name', async () => {
    aws.inject = () => new AwsFault('ValidationException', 'not with s3cret');
    const [span] = await below(() => expect(getItem()).rejects.toThrow('s3cret'));
    expect(span?.status).toEqual({ code: 2 });
    expect(span?.attributes).toMatchObject({
      'error.type': 'ValidationException',
      'http.response.status_code': 400,
    });
    expect(collector.text).not.toContain('s3cret');
  });

  it('survives an error that never came from AWS', async () => {
    const unreachable = new DynamoDBClient({
      region: 'us-east-1',
      endpoint: 'http://127.0.0.1:9',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      maxAttempts: 1,
    });
    telemetry.instrument(unreachable, 'DynamoDB');
    const [span] = await below(() =>
      expect(unreachable.send(new ListTablesCommand({}))).rejects.toThrow(),
    );
    expect(span?.attributes['error.type']).toBe('Error');
    unreachable.destroy();
  });

  it('measures KMS as a remote procedure call', async () => {
    const KeyId = aws.kms.createKey({ description: 'x' });
    const [span] = await below(() =>
      kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('s3cret') })),
    );
    expect(span?.name).toBe('KMS/Encrypt');
    const common = { 'rpc.system.name': 'aws-api', 'rpc.method': 'KMS/Encrypt' };
    expect(span?.attributes).toMatchObject({ ...common, 'aws.service': 'KMS' });
    const points = pointsOf(collector.metrics.get(SERVICE_METRICS.kmsDuration.name));
    expect(points.map(({ attributes }) => attributes)).toEqual([common]);
  });

  it('makes no span where none is recorded, and measures all the same', async () => {
    collector.spans.length = 0;
    await getItem();
    await telemetry.flush(60_000);
    expect(collector.spans).toEqual([]);
    const points = pointsOf(collector.metrics.get(SERVICE_METRICS.databaseDuration.name));
    expect(points.map(({ count }) => Number(count))).toEqual([1]);
  });
});
