"""Who people are and what they have proven, without the web; `webapp/sign_in.py` asks for it."""
