// What DynamoDB, KMS and Lambda publish of their calls, by the recorded names: latency, capacity, throttles, uses.
import type { MetricStore } from '../../cloudwatch/metric-store';
import type { AwsCall } from './endpoint';

const READS = new Set(['GetItem', 'BatchGetItem', 'Query', 'Scan', 'TransactGetItems']);
const WRITES = new Set([
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'BatchWriteItem',
  'TransactWriteItems',
]);
const THROTTLED = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
]);
/** An eventually consistent read of a small item, and a write of one. */
const READ_UNITS = 0.5;
const WRITE_UNITS = 1;
/** Operations in a transaction cost twice. */
const TRANSACTION_FACTOR = 2;

/**
 * Counts calls as AWS does. Capacity is that of items below 1 KB: sizes are not looked at, as the
 * engine does not tell them.
 */
export function measureAws(metrics: MetricStore): (call: AwsCall) => void {
  return (call) => {
    const [service, operation = ''] = call.operation.split('.');
    if (service === 'DynamoDB') dynamoDb(metrics, operation, call);
    else if (service === 'Lambda') lambda(metrics, call);
    else if (service === 'KMS' && call.fault === undefined) {
      const KeyArn = String(call.input.KeyId);
      metrics.add('AWS/KMS', 'SuccessfulRequest', { KeyArn, Operation: operation }, 1);
    }
  };
}

function lambda(metrics: MetricStore, { input, fault, durationMs }: AwsCall): void {
  const FunctionName = String(input.FunctionName);
  const add = (name: string, value: number) =>
    metrics.add('AWS/Lambda', name, { FunctionName }, value);
  add('Invocations', 1);
  add('Errors', fault === undefined ? 0 : 1);
  add('Duration', durationMs);
}

function dynamoDb(
  metrics: MetricStore,
  operation: string,
  { input, fault, durationMs }: AwsCall,
): void {
  const reads = READS.has(operation);
  if (!reads && !WRITES.has(operation)) return;
  for (const [TableName, items] of tablesOf(input)) {
    const add = (name: string, value: number, by = {}) =>
      metrics.add('AWS/DynamoDB', name, { TableName, ...by }, value);
    if (fault !== undefined && THROTTLED.has(fault)) {
      add(reads ? 'ReadThrottleEvents' : 'WriteThrottleEvents', 1);
    }
    if (fault !== undefined) continue;
    add('SuccessfulRequestLatency', durationMs, { Operation: operation });
    const factor = operation.startsWith('Transact') ? TRANSACTION_FACTOR : 1;
    if (reads) add('ConsumedReadCapacityUnits', READ_UNITS * items * factor);
    else add('ConsumedWriteCapacityUnits', WRITE_UNITS * items * factor);
  }
}

/** Tables that a call touches, and in how many items. */
function tablesOf(input: Record<string, unknown>): Map<string, number> {
  const tables = new Map<string, number>();
  const touch = (name: unknown) => {
    if (typeof name === 'string') tables.set(name, (tables.get(name) ?? 0) + 1);
  };
  touch(input.TableName);
  for (const item of (input.TransactItems ?? []) as Record<string, { TableName?: string }>[]) {
    Object.values(item).forEach(({ TableName }) => touch(TableName));
  }
  for (const name of Object.keys(input.RequestItems ?? {})) touch(name);
  return tables;
}
