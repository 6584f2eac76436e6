/**
 * A machine at one address: answers every connection and every HTTP request until it hangs. It hangs as a machine does:
 * its whole thread stands still, so that nobody accepts. Plain JavaScript, since a worker thread loads it as it is.
 */
import { createServer } from "node:http";
import { parentPort, workerData } from "node:worker_threads";

const { address, port, hung } = workerData;

const server = createServer((_request, response) => response.end("well\n"));
server.on("error", (error) => parentPort.postMessage({ error: error.message }));
// As few as there can be may wait to be accepted: what comes after them gets no answer at all, as from a dead host.
server.listen({ host: address, port, backlog: 1 }, () => parentPort.postMessage({}));

parentPort.on("message", () => {
  parentPort.postMessage({});
  Atomics.wait(hung, 0, 1);
});
