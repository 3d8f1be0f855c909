-- NAME: what a document looks like. In the configuration: schema = "NAME"
return linnet.schema {
  extends = "post", -- its fields, and one more; without this line only those below
  { "shouting", "boolean", from = function(message)
    return message.text == message.text:upper()
  end },
}
