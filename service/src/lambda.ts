// The entry of the Lambda function.
import { users } from './app';
import { lambdaHandler } from './kit/lambda';

export const handler = lambdaHandler(users, process.env);
