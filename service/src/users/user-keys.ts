// Keys of users' own, made and ended by the function that alone may do so.
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import type { KeeperAnswer, KeeperRequest } from './key-keeper';

export class UserKeys {
  /** @param functionName Physical name of the function. */
  constructor(
    private readonly lambda: LambdaClient,
    private readonly functionName: string,
  ) {}

  /** Makes a key for one user. @returns its ARN. */
  async make(userId: string): Promise<string> {
    const { keyArn } = await this.ask({ action: 'make', userId });
    if (keyArn === undefined) throw new Error('The function that keeps keys made none.');
    return keyArn;
  }

  /** Schedules the end of a key; one that is already on its way is fine. */
  async end(keyArn: string): Promise<void> {
    await this.ask({ action: 'end', keyArn });
  }

  /** Closes the connections to Lambda. */
  close(): void {
    this.lambda.destroy();
  }

  private async ask(request: KeeperRequest): Promise<KeeperAnswer> {
    const { FunctionError, Payload } = await this.lambda.send(
      new InvokeCommand({ FunctionName: this.functionName, Payload: JSON.stringify(request) }),
    );
    const answer = JSON.parse(Buffer.from(Payload ?? []).toString() || '{}') as KeeperAnswer &
      Partial<Record<'errorType' | 'errorMessage', string>>;
    if (FunctionError === undefined) return answer;
    // By its name the kit tells what passes by itself: that of KMS's own error, if it was one.
    throw Object.assign(new Error(`The function that keeps keys failed: ${answer.errorMessage}`), {
      name: answer.errorType,
    });
  }
}
