// Notes as the platform knows them: start here when you bring an API of your own.
import type { Workload } from '../../contracts/workload';

export const workload: Workload = {
  name: 'notes',
  port: 8080,
  health: '/healthz',
  errors: 'problem',
  scopes: {
    'notes:read': 'Read notes.',
    'notes:write': 'Write notes.',
    'notes:publish': 'Publish a note, for everybody to read without a key.',
  },
  // In order: the first that fits a request decides, and what none fits is denied.
  rules: [
    { methods: ['GET', 'HEAD'], path: '/published/*', access: 'public' },
    { methods: ['POST'], path: '/notes/*/publish', scope: 'notes:publish' },
    { methods: ['GET', 'HEAD'], path: '/notes/*', scope: 'notes:read' },
    { methods: ['POST'], path: '/notes', scope: 'notes:write' },
  ],
  tables: { notes: { partitionKey: { id: 'S' } } },
  keys: {},
  environment: {},
  secrets: {},
  rights: ({ tables: { notes = '' } }) => [
    {
      Sid: 'Notes',
      Effect: 'Allow',
      Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
      Resource: notes,
    },
  ],
};
