// A span and a duration of each AWS call, by the semantic conventions for databases and for RPC.
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, Histogram, Tracer } from '@opentelemetry/api';
import {
  ATTR_DB_COLLECTION_NAME,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
} from '@opentelemetry/semantic-conventions';
import { SERVICE_METRICS } from '../../../../contracts/metrics';
import { attributesOf } from './attributes';

/** A client whose calls can be measured, and the service that it calls. */
export type AwsClient = DynamoDBClient | KMSClient | LambdaClient;
export type Service = 'DynamoDB' | 'KMS' | 'Lambda';

/** What is the same for every call of one operation, table and outcome: computed once. */
interface Kind {
  readonly spanName: string;
  readonly attributes: Attributes;
}

interface Metadata {
  readonly httpStatusCode?: number;
  readonly requestId?: string;
}

/**
 * Measures the calls of a client: one span a call, its retries within. A span is started only below
 * one that is recorded. Of an error only its name is kept: the message may quote what was sent.
 */
export function instrumentAwsClient(client: AwsClient, service: Service, scope: string): void {
  const tracer = trace.getTracer(scope);
  const duration = histogramOf(service, scope);
  const kinds = new Map<string, Kind>();

  function kindOf(command: string, table: string | undefined, error: string | undefined): Kind {
    const key = `${command} ${table} ${error}`;
    let kind = kinds.get(key);
    if (kind === undefined) kinds.set(key, (kind = describe(service, command, table, error)));
    return kind;
  }

  // All stacks take the same middleware; their types differ in the inputs, which are not touched.
  const stack = client.middlewareStack as DynamoDBClient['middlewareStack'];
  stack.add(
    (next, { commandName }) =>
      async (args) => {
        const startMs = performance.now();
        const command = String(commandName);
        const table = tableOf(args.input);
        const span = startSpan(tracer, command);
        const finish = (metadata: Metadata | undefined, error?: string): void => {
          const { spanName, attributes } = kindOf(command, table, error);
          duration.record((performance.now() - startMs) / 1000, attributes);
          if (span === undefined) return;
          span.updateName(spanName);
          Object.assign(attributesOf(span), attributes, { 'aws.service': service }, told(metadata));
          if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        };
        try {
          const result = await next(args);
          finish(result.output.$metadata);
          return result;
        } catch (error) {
          const { name, $metadata } = error as { name: string; $metadata?: Metadata };
          finish($metadata, name);
          throw error;
        }
      },
    // Outermost, so that all the rest of the client is measured too.
    { step: 'initialize', priority: 'high', name: 'telemetry' },
  );
}

function startSpan(tracer: Tracer, name: string) {
  return trace.getActiveSpan()?.isRecording() === true
    ? tracer.startSpan(name, { kind: SpanKind.CLIENT })
    : undefined;
}

/** What AWS said of a call: nothing of one that never got there. */
function told({ requestId, httpStatusCode }: Metadata = {}): Attributes {
  if (requestId === undefined || httpStatusCode === undefined) return {};
  return { 'aws.request_id': requestId, [ATTR_HTTP_RESPONSE_STATUS_CODE]: httpStatusCode };
}

function histogramOf(service: Service, scope: string): Histogram {
  const meter = metrics.getMeter(scope);
  return service === 'DynamoDB'
    ? meter.createHistogram(SERVICE_METRICS.databaseDuration.name, {
        description: 'Duration of database client operations.',
        unit: 's',
      })
    : meter.createHistogram(SERVICE_METRICS.kmsDuration.name, {
        description: 'Duration of outbound remote procedure calls.',
        unit: 's',
      });
}

function describe(
  service: Service,
  command: string,
  table: string | undefined,
  error: string | undefined,
): Kind {
  const operation = command.replace(/Command$/, '');
  const failed = error === undefined ? {} : { [ATTR_ERROR_TYPE]: error };
  if (service !== 'DynamoDB') {
    const method = `${service}/${operation}`;
    return {
      spanName: method,
      attributes: { 'rpc.system.name': 'aws-api', 'rpc.method': method, ...failed },
    };
  }
  return {
    spanName: table === undefined ? operation : `${operation} ${table}`,
    attributes: {
      [ATTR_DB_SYSTEM_NAME]: 'aws.dynamodb',
      [ATTR_DB_OPERATION_NAME]: operation,
      ...(table === undefined ? {} : { [ATTR_DB_COLLECTION_NAME]: table }),
      ...failed,
    },
  };
}

/** The table of a call, or of the first part of a transaction. */
function tableOf(input: unknown): string | undefined {
  const { TableName, TransactItems } = input as {
    TableName?: string;
    TransactItems?: Record<string, { TableName?: string } | undefined>[];
  };
  return TableName ?? Object.values(TransactItems?.[0] ?? {})[0]?.TableName;
}
