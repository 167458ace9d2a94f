// The entry of the function that keeps users' own keys.
import { KMSClient } from '@aws-sdk/client-kms';
import { keyKeeper } from './users/key-keeper';

export const handler = keyKeeper(new KMSClient({}), process.env);
