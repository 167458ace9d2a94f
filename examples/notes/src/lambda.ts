// The entry of the Lambda function.
import { lambdaHandler } from '../../../service/src/kit/lambda';
import { notes } from './app';

export const handler = lambdaHandler(notes, process.env);
