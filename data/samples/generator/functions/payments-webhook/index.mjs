// payments-webhook: takes down what the payment provider reports
import jwt from "jsonwebtoken";
import merge from "lodash/defaultsDeep.js";

const FORM = /^([a-z0-9_.-]+;?)+=$/i;
const NUMBER = /^[0-9]{8,20}$/;

export const handler = async (event) => {
  const signature = event.headers["x-signature"] ?? "";
  if (!FORM.test(signature) || !jwt.decode(signature)) {
    return { statusCode: 400, body: "bad signature" };
  }
  const payment = merge(JSON.parse(event.body), { state: "reported" });
  return NUMBER.test(payment.number) ? { statusCode: 202 } : { statusCode: 400 };
};
