// The error shape of AWS's JSON protocols, shared by the local DynamoDB and KMS.

/** An error answer of an AWS service: HTTP status, exception name, message and further members. */
export class AwsFault extends Error {
  constructor(
    readonly type: string,
    message: string,
    readonly status = 400,
    readonly members: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = type;
  }
}
