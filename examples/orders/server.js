// An API of a few lines that is safe behind the gate; nothing but Node.js. Orders are kept in memory.
'use strict';
const { createHash, timingSafeEqual } = require('node:crypto');
const { createServer } = require('node:http');

const orders = [];
const digest = (text) => createHash('sha256').update(text).digest();
// Two, while one takes the place of the other.
const { ORIGIN_SECRET, ORIGIN_SECRET_PREVIOUS } = process.env;
if (!ORIGIN_SECRET) throw new Error('ORIGIN_SECRET is missing: nobody could be told from anybody.');
const secrets = [ORIGIN_SECRET, ORIGIN_SECRET_PREVIOUS].filter(Boolean).map(digest);

/** Only what passed the edge carries the secret; identity headers of anybody else are made up. */
const passedTheEdge = ({ headers }) => {
  const given = digest(headers['x-gatehouse-origin-secret'] ?? '');
  return secrets.some((secret) => timingSafeEqual(given, secret));
};

async function handle(request, answer) {
  const path = request.url.split('?')[0];
  if (path === '/healthz') return answer(200, { status: 'ok' });
  if (!passedTheEdge(request)) return answer(401, problem(401, 'Come by the address of the edge.'));
  if (request.method === 'GET' && path === '/status') {
    return answer(200, { greeting: process.env.GREETING });
  }
  if (request.method === 'GET' && path === '/orders') return answer(200, { orders });
  if (request.method === 'POST' && path === '/orders') {
    let body = '';
    request.setEncoding('utf8');
    for await (const chunk of request) if ((body += chunk).length > 65_536) return answer(413);
    // The edge says whose key it was: id, owner and scopes.
    const order = { id: orders.length + 1, text: body, by: request.headers['x-gatehouse-owner'] };
    orders.push(order);
    return answer(201, order);
  }
  return answer(404, problem(404, `There is no ${path} here.`));
}

const problem = (status, detail) => ({ type: 'about:blank', status, detail });

const server = createServer((request, response) => {
  const answer = (status, body = problem(status)) => {
    const type = body.type ? 'application/problem+json' : 'application/json';
    response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
  };
  handle(request, answer).catch(() => answer(500));
});
// Longer than the load balancer keeps a connection, so that it never sends on a closed one.
server.keepAliveTimeout = 75_000;
server.listen(process.env.PORT, () => console.log(`listening on ${process.env.PORT}`));

// Told to stop: no further connections, the requests that are there to their end, and out.
process.on('SIGTERM', () => server.close(() => process.exit(0)));
