/* post/message.h */
#include "post/message.h"
#include "text/lang.h"

struct slice message_language(struct message *message) {
    if (message->lang.length == 0) message->lang = language_detect(message->text);
    if (message->lang.length == 0) message->lang = SLICE("und");
    return message->lang;
}
