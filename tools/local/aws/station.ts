// DynamoDB and KMS: every table and key that is recorded exists at one endpoint.
import {
  CreateTableCommand,
  DynamoDBClient,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { all } from '../../../recorder/query';
import type { RecordedResource, Recording } from '../../../recorder/record';
import type { Ground, Values } from '../ground';
import { clientOf } from './access';
import { measureAws } from './aws-metrics';
import { startAwsEndpoint } from './endpoint';
import type { AwsEndpoint } from './endpoint';

/** A table as DynamoDB's CreateTable takes it, and its TTL attribute. */
export interface TableDescription {
  input: Values & { TableName: string };
  ttlAttribute?: string;
}

export interface AwsDescription {
  region: string;
  /** Physical name of the table that holds API keys. */
  keysTable: string;
  /** Physical names of the workload's own tables, by their names in the workload. */
  workloadTables: Record<string, string>;
  /** Every table, that of the keys included. */
  tables: TableDescription[];
  /** ARNs of the customer-managed KMS keys. */
  kmsKeyArns: string[];
}

/** @throws Error when the stack has no table of API keys. */
export function read(recording: Recording): AwsDescription {
  const tables = all(recording.resources, 'aws:dynamodb/table:Table').map(table);
  const keysTable = String(recording.outputs.keysTable);
  if (!tables.some(({ input }) => input.TableName === keysTable)) {
    throw new Error(
      `The stack's output keysTable is ${keysTable}, and no such table is declared: the local ` +
        'platform has nowhere to keep API keys.',
    );
  }
  return {
    region: String(recording.outputs.region),
    keysTable,
    workloadTables: recording.outputs.tables as Record<string, string>,
    tables,
    kmsKeyArns: all(recording.resources, 'aws:kms/key:Key').map(({ outputs }) =>
      String(outputs.arn),
    ),
  };
}

/** Starts the endpoint and makes the tables and keys. */
export async function start(description: AwsDescription, ground: Ground): Promise<AwsEndpoint> {
  const { region, tables, kmsKeyArns } = description;
  const aws = await startAwsEndpoint();
  aws.onCall = measureAws(ground.metrics);
  ground.onClose(() => aws.close());
  for (const arn of kmsKeyArns) aws.kms.createKey({ arn });
  const client = new DynamoDBClient(clientOf({ url: aws.url, region }));
  try {
    for (const { input, ttlAttribute } of tables) {
      await client.send(new CreateTableCommand(input as unknown as CreateTableCommandInput));
      if (ttlAttribute === undefined) continue;
      await client.send(
        new UpdateTimeToLiveCommand({
          TableName: input.TableName,
          TimeToLiveSpecification: { Enabled: true, AttributeName: ttlAttribute },
        }),
      );
    }
  } finally {
    client.destroy();
  }
  return aws;
}

function table({ inputs, outputs }: RecordedResource): TableDescription {
  const indexes = ((inputs.globalSecondaryIndexes ?? []) as Values[]).map(index);
  const ttl = inputs.ttl as { attributeName?: string; enabled?: boolean } | undefined;
  return {
    input: {
      TableName: String(outputs.name),
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: (inputs.attributes as Values[]).map(({ name, type }) => ({
        AttributeName: name,
        AttributeType: type,
      })),
      KeySchema: keySchema(inputs),
      ...(indexes.length === 0 ? {} : { GlobalSecondaryIndexes: indexes }),
    },
    ...(ttl?.enabled === true && ttl.attributeName !== undefined
      ? { ttlAttribute: ttl.attributeName }
      : {}),
  };
}

function index(recorded: Values): Values {
  return {
    IndexName: recorded.name,
    KeySchema: keySchema(recorded),
    Projection: {
      ProjectionType: recorded.projectionType,
      ...(recorded.nonKeyAttributes === undefined
        ? {}
        : { NonKeyAttributes: recorded.nonKeyAttributes }),
    },
  };
}

function keySchema({ hashKey, rangeKey }: Values): Values[] {
  return [
    { AttributeName: hashKey, KeyType: 'HASH' },
    ...(rangeKey === undefined ? [] : [{ AttributeName: rangeKey, KeyType: 'RANGE' }]),
  ];
}
