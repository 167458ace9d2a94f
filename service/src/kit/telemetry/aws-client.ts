// Spans and durations of AWS calls, by the semantic conventions for DynamoDB and for AWS SDK clients.
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KMSClient } from '@aws-sdk/client-kms';
import {
  ATTR_DB_COLLECTION_NAME,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '@opentelemetry/semantic-conventions';
import { activeContext, newSpanId } from './context';
import type { Exporter } from './exporter';
import { Histogram } from './metrics';
import { attributes } from './otlp';

type Service = 'DynamoDB' | 'KMS';

/** Boundaries that the conventions advise for database and RPC clients, in seconds. */
const CLIENT_BOUNDARIES_SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
const SPAN_KIND_CLIENT = 3;
const FLAGS_LOCAL_PARENT = 0x101;

interface Call {
  service: Service;
  operation: string;
  table: string | undefined;
  host: string | undefined;
  port: number | undefined;
  status: number | undefined;
  awsRequestId: string | undefined;
  error: string | undefined;
}

/** Measures the calls of AWS clients; one instance serves all clients of the process. */
export class AwsClientTelemetry {
  private readonly database = new Histogram(
    'db.client.operation.duration',
    'Duration of database client operations.',
    CLIENT_BOUNDARIES_SECONDS,
  );
  private readonly rpc = new Histogram(
    'rpc.client.call.duration',
    'Duration of outbound remote procedure calls.',
    CLIENT_BOUNDARIES_SECONDS,
  );

  constructor(
    private readonly exporter: Exporter,
    private readonly region: string,
  ) {
    exporter.add(this.database);
    exporter.add(this.rpc);
  }

  /** Adds the measuring to a client; one span a call, its retries within. */
  instrument(client: DynamoDBClient | KMSClient, service: Service): void {
    // Both stacks take the same middleware; their types differ in the inputs, which are not touched.
    const stack = client.middlewareStack as DynamoDBClient['middlewareStack'];
    stack.add(
      (next, context) => async (args) => {
        const startMs = performance.now();
        const call: Call = {
          service,
          operation: String(context.commandName).replace(/Command$/, ''),
          table: tableOf(args.input),
          host: undefined,
          port: undefined,
          status: undefined,
          awsRequestId: undefined,
          error: undefined,
        };
        context['gatehouseCall'] = call;
        try {
          const result = await next(args);
          const { httpStatusCode, requestId } = result.output.$metadata;
          call.status = httpStatusCode;
          call.awsRequestId = requestId;
          this.finish(call, startMs);
          return result;
        } catch (error) {
          describeError(call, error);
          this.finish(call, startMs);
          throw error;
        }
      },
      { step: 'initialize', name: 'gatehouseTelemetry' },
    );
    stack.add(
      (next, context) => (args) => {
        const { hostname, port } = args.request as { hostname?: string; port?: number };
        Object.assign(context['gatehouseCall'] as Call, { host: hostname, port });
        return next(args);
      },
      { step: 'build', name: 'gatehouseTelemetryHost' },
    );
  }

  private finish(call: Call, startMs: number): void {
    const endMs = performance.now();
    const isDatabase = call.service === 'DynamoDB';
    const common = isDatabase
      ? {
          [ATTR_DB_SYSTEM_NAME]: 'aws.dynamodb',
          [ATTR_DB_OPERATION_NAME]: call.operation,
          [ATTR_DB_COLLECTION_NAME]: call.table,
          [ATTR_SERVER_ADDRESS]: call.host,
          [ATTR_SERVER_PORT]: call.port,
          [ATTR_ERROR_TYPE]: call.error,
        }
      : {
          'rpc.system.name': 'aws-api',
          'rpc.method': `${call.service}/${call.operation}`,
          [ATTR_SERVER_ADDRESS]: call.host,
          [ATTR_SERVER_PORT]: call.port,
          [ATTR_ERROR_TYPE]: call.error,
        };
    (isDatabase ? this.database : this.rpc).with(common).record((endMs - startMs) / 1000);
    const context = activeContext();
    if (context === undefined) return;
    const { clock } = this.exporter;
    const name = isDatabase
      ? [call.operation, call.table].filter(Boolean).join(' ')
      : `${call.service}/${call.operation}`;
    const all = attributes({
      ...common,
      'cloud.region': this.region,
      'aws.request_id': call.awsRequestId,
      [ATTR_HTTP_RESPONSE_STATUS_CODE]: call.status,
    });
    const status = call.error === undefined ? '' : ',"status":{"code":2}';
    this.exporter.addSpan(
      `{"traceId":"${context.traceId}","spanId":"${newSpanId()}","parentSpanId":"${context.spanId}",` +
        `"flags":${FLAGS_LOCAL_PARENT},"name":${JSON.stringify(name)},"kind":${SPAN_KIND_CLIENT},` +
        `"startTimeUnixNano":"${clock.nanoseconds(startMs)}","endTimeUnixNano":"${clock.nanoseconds(endMs)}",` +
        `"attributes":[${all}]${status}}`,
    );
  }
}

/** The table of a call or of the first write of a transaction: this service has only one. */
function tableOf(input: unknown): string | undefined {
  const { TableName, TransactItems } = input as {
    TableName?: string;
    TransactItems?: { Update?: { TableName?: string }; Delete?: { TableName?: string } }[];
  };
  const [first] = TransactItems ?? [];
  return TableName ?? first?.Update?.TableName ?? first?.Delete?.TableName;
}

/** Only the error's name: its message may quote what was sent. */
function describeError(call: Call, error: unknown): void {
  const { name, $metadata } = error as {
    name: string;
    $metadata?: { httpStatusCode?: number; requestId?: string };
  };
  call.error = name;
  call.status = $metadata?.httpStatusCode;
  call.awsRequestId = $metadata?.requestId;
}
