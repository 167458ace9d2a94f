// The users directory, put together: its clients, its routes, its errors.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { OpenAPIHono } from '@hono/zod-openapi';
import { workload } from '../workload';
import { docsPage } from './kit/docs-page';
import { DocumentClient } from './kit/document-client';
import type { AppEnv } from './kit/identity';
import type { Kit, ServiceDefinition } from './kit/service';
import { readUsersConfig, type UsersConfig } from './users/config';
import { CredentialSealer } from './users/credentials';
import { CursorCodec } from './users/cursor';
import { UserDirectory } from './users/directory';
import { USERS_ERRORS } from './users/errors';
import { Idempotency } from './users/idempotency';
import { negotiate } from './users/jsonapi';
import { describeService, openApiOptions } from './users/openapi';
import { UserRepository } from './users/repository';
import { addUserRoutes } from './users/routes';
import { UserIndex } from './users/user-index';
import { UserKeys } from './users/user-keys';
import { throwProblems } from './users/validation';

export const users: ServiceDefinition<UsersConfig, OpenAPIHono<AppEnv>> = {
  workload,
  readConfig: readUsersConfig,
  errors: USERS_ERRORS,
  create(config, kit) {
    const { logger, instrument, clientOptions } = kit;
    const dynamodb = new DynamoDBClient(clientOptions);
    const kms = new KMSClient(clientOptions);
    instrument(dynamodb, 'DynamoDB');
    instrument(kms, 'KMS');
    const userKeys = userKeysOf(config, kit);
    const documents = new DocumentClient(dynamodb);
    const repository = new UserRepository(documents, {
      users: config.usersTable,
      credentials: config.credentialsTable,
    });
    const sealer = new CredentialSealer(kms, {
      mode: config.credentialKeys,
      sharedKeyArn: config.credentialsKeyArn,
      userKeys,
    });
    const idempotency = new Idempotency(repository, config.originSecrets);
    const directory = new UserDirectory({ users: repository, sealer, idempotency, logger });
    return {
      app: new OpenAPIHono<AppEnv>({ defaultHook: throwProblems }),
      addRoutes(app) {
        app.use('/users/*', negotiate());
        const cursors = new CursorCodec(config.originSecrets);
        addUserRoutes(app, {
          directory,
          users: new UserIndex(documents, config.usersTable),
          cursors,
          logger,
        });
        describeService(app);
        app.doc31('/openapi.json', openApiOptions);
        app.get('/docs', docsPage);
      },
      check: () => repository.ping(),
      close() {
        dynamodb.destroy();
        kms.destroy();
        userKeys?.close();
      },
    };
  },
};

/** Two attempts of this keep within the time limit of a request; the function ends before one does. */
const KEEPER_TIMEOUT_MS = 6000;

function userKeysOf(
  { keyKeeper }: UsersConfig,
  { clientOptions, instrument }: Kit,
): UserKeys | undefined {
  if (keyKeeper === undefined) return undefined;
  const lambda = new LambdaClient({
    ...clientOptions,
    maxAttempts: 2,
    requestHandler: { socketTimeout: KEEPER_TIMEOUT_MS },
  });
  instrument(lambda, 'Lambda');
  return new UserKeys(lambda, keyKeeper);
}
