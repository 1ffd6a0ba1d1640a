// A worker for Camunda 7, as its public client makes one: node worker.js BASE_URL USER PASSWORD
import { BasicAuthInterceptor, Client, Variables } from "camunda-external-task-client-js";

const [baseUrl, username, password] = process.argv.slice(2);
const client = new Client({
  baseUrl,
  workerId: "npm",
  interval: 50,
  asyncResponseTimeout: 20000,
  // While it is at work it does not ask: else it would itself get again what it is late with.
  maxParallelExecutions: 1,
  interceptors: new BasicAuthInterceptor({ username, password }),
});
const say = (event, more) => console.log(JSON.stringify({ event, ...more }));
const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const refused = async (work) => {
  try {
    await work();
    return null;
  } catch (error) {
    return { status: error.httpStatusCode, type: error.type, message: error.engineMsg };
  }
};
const seen = new Map();

for (const event of ["poll:error", "complete:error", "handleFailure:error", "handleBpmnError:error"]) {
  client.on(event, (...found) => say(event, { message: String(found.at(-1)) }));
}

client.subscribe("payments", { lockDuration: 2000 }, async ({ task, taskService }) => {
  const times = (seen.get(task.id) ?? 0) + 1;
  seen.set(task.id, times);
  const amount = task.variables.get("amount");
  const items = task.variables.get("items");
  const variables = new Variables();
  switch (task.variables.get("case")) {
    case "pays":
      variables.setAll({ text: "päid", whole: amount + 1, long: 2 ** 40, half: 0.5, yes: true, nothing: null });
      variables.setAll({ items: [...items, { three: 3 }], at: new Date(Date.UTC(2026, 0, 31, 12)) });
      variables.setTyped("short", { type: "Short", value: 7, valueInfo: {} });
      await taskService.complete(task, variables);
      await taskService.complete(task, variables);
      return say("paid", { businessKey: task.businessKey, topic: task.topicName });
    case "poor":
      variables.set("missing", amount);
      return await taskService.handleBpmnError(task, "no-money", "there is none", variables);
    case "fails":
      if (task.retries === null) {
        return await taskService.handleFailure(task, { errorMessage: "no bank", errorDetails: "at the counter", retries: 1, retryTimeout: 100 });
      }
      if (task.retries === 1) {
        return await taskService.handleFailure(task, { errorMessage: task.errorMessage, retries: 0, retryTimeout: 0 });
      }
      return await taskService.complete(task, variables.set("retries", task.retries));
    case "slow":
      if (times === 1) {
        await taskService.extendLock(task, 500);
        await sleep(800);
        return say("late", { answer: await refused(() => taskService.complete(task, variables)) });
      }
      await taskService.unlock(task);
      await taskService.lock(task, 20000);
      return await taskService.complete(task, variables.set("times", times));
    default:
      variables.setTyped("file", { type: "File", value: "eDw=", valueInfo: { filename: "x" } });
      say("file", { answer: await refused(() => taskService.complete(task, variables)) });
      return await taskService.complete(task, new Variables());
  }
});
say("ready");
