// The runbook's part on data: taking over what a destroyed stack left, and restoring a point in time.

/** Markdown; commands are meant to be pasted, what stands in capitals to be replaced. */
export const DATA_SECTION = `## Data that outlives its stack

\`npm run destroy\` of a protected stack keeps tables and keys, and prints a line for each, ready to paste:

\`\`\`sh
npx pulumi config set --stack prod --path gatehouse:adoptTables.TABLE gh-TABLE-1a2b3c4
npx pulumi config set --stack prod --path gatehouse:adoptKeys.tables 1234abcd-12ab-34cd-56ef-1234567890ab
npm run up -- prod
\`\`\`

\`npm run leftovers -- prod\` prints them again on the machine that destroyed the stack. Take over the keys together
with the tables: what is encrypted under a key that was not adopted stays readable only while that exists. \`up\`
looks first whether everything is there and says what is not; the engine then imports each and sets what differs
(tags, TTL, point-in-time recovery). Leave the lines in the stack's file for as long as it lives: without
its line a table would be replaced by an empty one. A key that waits for its deletion is called back by
\`aws kms cancel-key-deletion --key-id ID && aws kms enable-key --key-id ID\`.

### Restore a table to a point in time

Any second of the last 35 days, into a new table beside the one in use; tables that the API writes in one
transaction (users and their credentials) go together, to the same second:

\`\`\`sh
aws dynamodb restore-table-to-point-in-time --region REGION --source-table-name gh-TABLE-1a2b3c4 \\
  --target-table-name gh-TABLE-restored --restore-date-time 2026-11-24T09:30:00Z
aws dynamodb wait table-exists --region REGION --table-name gh-TABLE-restored
npx pulumi config set --stack prod --path gatehouse:adoptTables.TABLE gh-TABLE-restored
npm run change -- prod
npm run approve -- prod
\`\`\`

\`--use-latest-restorable-time\` in place of the date takes the latest second there is. The restored table has the data,
the indexes and the encryption key; TTL, tags, recovery and protection, which DynamoDB does not restore
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html), are set by the
update. The plan shows the table as replaced: the service is given the new name, tasks are rolled, and what was
written to the old table meanwhile is not in the new one. The old table stays, outside the stack, since a
protected stack retains it: compare, then delete it by hand. A stack with \`protect: false\` would delete it, so \`up\`
refuses until it is protected. To go back, set the line to the old name. The table of API keys (\`adoptTables.keys\`) goes the same way; the update makes its
replicas anew.

A table that is gone but for its backup is restored by \`aws dynamodb restore-table-from-backup\`, then likewise.
`;

/** Markdown, likewise. */
export const ROTATION_SECTION = `## Rotate the origin secret

By it the service knows that a request came through CloudFront. Rotate it when somebody may have read it, and once a year.
The service takes two: the newest (\`originSecret\`, a number) and the one before; CloudFront sends one of
them (\`originSecretSent\`). No request is refused on the way, for tasks learn the new one first:

\`\`\`sh
npx pulumi config set --stack prod gatehouse:originSecret 2        # tasks take 2 and 1
npx pulumi config set --stack prod gatehouse:originSecretSent 1    # CloudFront still sends 1
npm run up -- prod
npx pulumi config set --stack prod gatehouse:originSecretSent 2    # CloudFront sends 2
npm run up -- prod
\`\`\`

The first \`up\` replaces the tasks and ends with 1 when ECS rolled back: then do not go on. The second takes CloudFront some
minutes, in which either is sent. From then on the old one is taken, but sent by nobody; it is forgotten with the next
rotation. Where it is known to be in wrong hands do another at once (3, then 3 sent). Whoever reaches the load
balancer is still CloudFront's VPC origin alone.

\`up\` and \`change\` refuse a step that would cost requests: both at once, or one left out. The same steps go by
\`npm run change\` and \`npm run approve\`. An API of your own takes both, too
([safe behind the gate](own-api.md#safe-behind-the-gate)). To try it here, set both numbers in the file of a stack
and say \`npm run local -- --stack NAME\`.
`;
